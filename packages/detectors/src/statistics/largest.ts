/** Mean of the `count` largest of the values, which are not negative. O(values × count), without garbage. */
export function meanOfLargest(values: Float64Array, count: number): number {
  const kept = Math.min(count, values.length, best.length)
  best.fill(-1, 0, kept)
  for (let i = 0; i < values.length; i++) {
    let value = values[i]!
    for (let place = 0; place < kept && value >= 0; place++) {
      const other = best[place]!
      if (value <= other) continue
      best[place] = value
      value = other
    }
  }
  let sum = 0
  for (let place = 0; place < kept; place++) sum += best[place]!
  return kept === 0 ? 0 : sum / kept
}

const best = new Float64Array(64)

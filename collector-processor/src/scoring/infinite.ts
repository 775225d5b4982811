/**
 * Makes infinite values missing (NaN), in place, and returns how many there were. Sources see to it that there are none; one that
 * came through all the same would be in the learned state for ever.
 */
export function dropInfinite(values: Float64Array): number {
  let dropped = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== Number.POSITIVE_INFINITY && value !== Number.NEGATIVE_INFINITY) continue
    values[i] = Number.NaN
    dropped++
  }
  return dropped
}

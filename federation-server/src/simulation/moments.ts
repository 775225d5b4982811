/** Mean and standard deviation of each coordinate. */
export interface Moments {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** @param rows at least one, all as long */
export function moments(rows: readonly Float32Array[]): Moments {
  const mean = new Float64Array(rows[0]!.length)
  for (const row of rows) for (let i = 0; i < mean.length; i++) mean[i]! += row[i]! / rows.length
  const deviation = new Float64Array(mean.length)
  for (const row of rows)
    for (let i = 0; i < mean.length; i++) deviation[i]! += (row[i]! - mean[i]!) ** 2 / rows.length
  return { mean, deviation: deviation.map(Math.sqrt) }
}

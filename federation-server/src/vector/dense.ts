/** Values of one update or model, as numbers. Sums over them are in double precision and in one order, so that a replay gives the same bits. */
export type Vector = Float32Array | Float64Array

/** Four sums side by side, so that an addition need not wait for the one before it. */
export function dotOfDense(a: Vector, b: Vector): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = a.length & ~3
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!
    s1 += a[i + 1]! * b[i + 1]!
    s2 += a[i + 2]! * b[i + 2]!
    s3 += a[i + 3]! * b[i + 3]!
  }
  for (let i = whole; i < a.length; i++) s0 += a[i]! * b[i]!
  return s0 + s1 + (s2 + s3)
}

export function squaredDistanceOfDense(a: Vector, b: Vector): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = a.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const d0 = a[i]! - b[i]!
    const d1 = a[i + 1]! - b[i + 1]!
    const d2 = a[i + 2]! - b[i + 2]!
    const d3 = a[i + 3]! - b[i + 3]!
    s0 += d0 * d0
    s1 += d1 * d1
    s2 += d2 * d2
    s3 += d3 * d3
  }
  for (let i = whole; i < a.length; i++) s0 += (a[i]! - b[i]!) ** 2
  return s0 + s1 + (s2 + s3)
}

/** sum += weight × values, as long as there are values */
export function addScaledDense(sum: Float64Array, values: Vector, weight: number): void {
  for (let i = 0; i < values.length; i++) sum[i]! += weight * values[i]!
}

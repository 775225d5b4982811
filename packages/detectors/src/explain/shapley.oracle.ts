/**
 * Shapley values by their definition, over all subsets: for tests only. O(2^width) calls.
 *
 * @param worth of a set of known features, one bit each
 */
export function shapleyByDefinition(worth: (known: number) => number, width: number): Float64Array {
  const factorials = [1]
  for (let i = 1; i <= width; i++) factorials.push(i * factorials[i - 1]!)
  const worths = Float64Array.from({ length: 2 ** width }, (_, known) => worth(known))
  const values = new Float64Array(width)
  for (let known = 0; known < worths.length; known++) {
    const size = known.toString(2).replaceAll('0', '').length
    for (let i = 0; i < width; i++) {
      if ((known >> i) & 1) continue
      const weight = (factorials[size]! * factorials[width - size - 1]!) / factorials[width]!
      values[i]! += weight * (worths[known | (1 << i)]! - worths[known]!)
    }
  }
  return values
}

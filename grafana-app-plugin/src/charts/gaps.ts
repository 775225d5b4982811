/** So many times the usual distance between two values is no line any more. */
const MOST = 4

/**
 * The same course with a gap (null) wherever nothing was seen for long: a line across would say that it was.
 *
 * @param times Unix milliseconds, ascending
 */
export function withGaps(
  times: readonly number[],
  values: readonly number[],
): { readonly times: readonly number[]; readonly values: readonly (number | null)[] } {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  const usual = steps.toSorted((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0
  const points = times.flatMap((time, index): (readonly [number, number | null])[] => {
    const point = [time, values[index] ?? null] as const
    const step = steps[index] ?? 0
    return step > MOST * usual ? [point, [time + step / 2, null]] : [point]
  })
  return { times: points.map(([time]) => time), values: points.map(([, value]) => value) }
}

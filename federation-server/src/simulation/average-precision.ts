/**
 * Area under the curve of precision over recall, as the mean of precisions at each anomalous row: 1 when all of them score highest, their share when
 * scores say nothing. Needs no threshold. Of equal scores the normal ones come first.
 *
 * @returns NaN when nothing is anomalous
 */
export function averagePrecision(scored: readonly { score: number; anomalous: boolean }[]): number {
  const order = scored.toSorted((a, b) => b.score - a.score || Number(a.anomalous) - Number(b.anomalous))
  let found = 0
  let sum = 0
  for (const [i, { anomalous }] of order.entries()) if (anomalous) sum += ++found / (i + 1)
  return sum / found
}

/** Adds up groups of rows by their verdict. */
export function byVerdict(groups: readonly { verdict: string | null; n: number }[]) {
  const counts = { true_positive: 0, false_positive: 0, none: 0 }
  for (const { verdict, n } of groups) {
    if (verdict === 'true_positive') counts.true_positive += Number(n)
    else if (verdict === 'false_positive') counts.false_positive += Number(n)
    else counts.none += Number(n)
  }
  return counts
}

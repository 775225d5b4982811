import type { VerdictValue } from '@adf/contract'

export interface StandingWord {
  readonly verdict: VerdictValue
  readonly weight: number
  readonly givenMs: number
}

/** What stands when several spoke: the heavier sum of words; of equal ones that of the latest word. Undefined when nobody spoke. */
export function standingVerdict(words: readonly StandingWord[]): VerdictValue | undefined {
  const sum = { true_positive: 0, false_positive: 0 }
  for (const { verdict, weight } of words) sum[verdict] += weight
  // Weights such as .1 and .2 do not add up exactly.
  const lead = sum.true_positive - sum.false_positive
  if (Math.abs(lead) > 1e-9) return lead > 0 ? 'true_positive' : 'false_positive'
  return words.toSorted((a, b) => a.givenMs - b.givenMs).at(-1)?.verdict
}

import type { Effect, Finding } from './finding.ts'

/** Part of the effect that findings without a known effect are taken for. */
const BARE = 0.1
/** So much of the usual waiting is set beside the added one, so that a few milliseconds are not the whole effect only because nobody else waits. */
const USUAL = 0.3

/**
 * What speaks directly against each service: its part of the whole effect (of the waiting, of the failures, of the calls
 * lost, of the time in queues) times the root of the largest z-score of its findings. Effects say who matters, and z-scores,
 * which span four decades, who is odd: either alone names the small and odd, or the large and noisy.
 *
 * @param usualMs what all requests together usually take in such a window
 */
export function directBlame(
  byService: ReadonlyMap<string, readonly Finding[]>,
  usualMs: number,
): Map<string, number> {
  const totals = new Map<Effect['currency'], number>([['time', USUAL * usualMs]])
  for (const findings of byService.values())
    for (const { effect } of findings)
      if (effect !== undefined)
        totals.set(effect.currency, (totals.get(effect.currency) ?? 0) + effect.amount)
  const blame = new Map<string, number>()
  for (const [service, findings] of byService) {
    let share = findings.some(({ effect }) => effect === undefined) ? BARE : 0
    let strongest = 0
    for (const { effect, strength } of findings) {
      strongest = Math.max(strongest, strength)
      const total = effect === undefined ? 0 : (totals.get(effect.currency) ?? 0)
      if (effect !== undefined && total > 0) share += effect.amount / total
    }
    const weight = share * Math.sqrt(strongest)
    if (weight > 0) blame.set(service, weight)
  }
  return blame
}

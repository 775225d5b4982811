import type { Effect, Finding } from './finding.ts'

/** Part of the effect that findings without a known effect are taken for. */
const BARE = 0.1
/** So much of the waiting that is as ever is set beside what is added, so that a few milliseconds are not the whole effect only because nothing else is slow. */
const USUAL = 0.3

/**
 * What speaks directly against each service: its part of the whole effect (of the waiting, of the failures, of the calls
 * lost, of the time in queues) times the root of the largest z-score of its findings. Effects say who matters, and z-scores,
 * which span four decades, who is odd: either alone names the small and odd, or the large and noisy.
 *
 * @param waitedMs what all requests together took in the window, added waiting included
 */
export function directBlame(
  byService: ReadonlyMap<string, readonly Finding[]>,
  waitedMs: number,
): Map<string, number> {
  const totals = new Map<Effect['currency'], number>()
  for (const findings of byService.values())
    for (const { effect } of findings)
      if (effect !== undefined)
        totals.set(effect.currency, (totals.get(effect.currency) ?? 0) + effect.amount)
  const added = totals.get('time') ?? 0
  totals.set('time', added + USUAL * Math.max(0, waitedMs - added))
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

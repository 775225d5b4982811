import { deviation } from './deviation.ts'
import { allEdges, type EvidenceWindow } from './evidence.ts'
import type { Effect, Finding } from './finding.ts'
import { REQUEST_SHARE, REQUEST_TIME } from './floors.ts'
import { TOUCHED } from './scale.ts'
import { callers } from './spread.ts'

/**
 * Findings whose effect reaches one of the symptoms: from the service that is charged, against the calls, over services
 * whose requests take longer (or fail more) than usual too. What nobody feels is no cause of what somebody felt. Findings
 * whose effect cannot be reckoned, and calls that are no longer made, say nothing of how they are felt, and stay.
 */
export function feltBy(
  symptoms: ReadonlySet<string>,
  findings: readonly Finding[],
  evidence: EvidenceWindow,
): Finding[] {
  const callersOf = callers(allEdges(evidence))
  const reached = new Map<string, boolean>()
  const touched = new Map<string, ReadonlySet<string>>([
    ['time', touchedServices(evidence, 'time')],
    ['failures', touchedServices(evidence, 'failures')],
  ])
  return findings.filter(({ service, effect }) => {
    const passes = effect === undefined ? undefined : touched.get(effect.currency)
    if (effect === undefined || passes === undefined) return true
    const key = `${effect.currency}\n${service}`
    const known = reached.get(key) ?? reaches(service, symptoms, passes, callersOf)
    reached.set(key, known)
    return known
  })
}

function touchedServices(evidence: EvidenceWindow, currency: Effect['currency']): Set<string> {
  return new Set(
    evidence.nodes
      .filter(({ latencyMs, failed, requests }) => {
        const odd =
          currency === 'time'
            ? deviation(latencyMs, requests, REQUEST_TIME)
            : deviation(failed, requests, REQUEST_SHARE)
        return (odd?.z ?? 0) >= TOUCHED
      })
      .map(({ id }) => id),
  )
}

function reaches(
  service: string,
  symptoms: ReadonlySet<string>,
  passes: ReadonlySet<string>,
  callersOf: ReadonlyMap<string, readonly string[]>,
): boolean {
  const queue = new Set([service])
  for (const at of queue) {
    if (symptoms.has(at)) return true
    for (const caller of callersOf.get(at) ?? []) if (passes.has(caller)) queue.add(caller)
  }
  return false
}

import type { Calls } from './calls.ts'
import { deviation } from './deviation.ts'
import type { EvidenceWindow, NodeEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { REQUEST_SHARE, REQUEST_TIME } from './floors.ts'
import { TOUCHED } from './scale.ts'

/**
 * Findings whose effect reaches one of the symptoms: from the service that is charged, against the calls, over services
 * whose requests take longer (or fail more) than usual too. What nobody feels is no cause of what somebody felt. Findings
 * whose effect cannot be reckoned, and calls that are no longer made, say nothing of how they are felt, and stay.
 */
export function feltBy(
  symptoms: ReadonlySet<string>,
  findings: readonly Finding[],
  evidence: EvidenceWindow,
  calls: Calls,
): Finding[] {
  const reached = new Map<string, boolean>()
  const nodes = new Map(evidence.nodes.map((node) => [node.id, node]))
  const touched = {
    time: remembered((service) => touches(nodes.get(service), 'time')),
    failures: remembered((service) => touches(nodes.get(service), 'failures')),
  }
  return findings.filter(({ service, effect }) => {
    if (effect === undefined || (effect.currency !== 'time' && effect.currency !== 'failures')) return true
    const key = `${effect.currency}\n${service}`
    const known = reached.get(key) ?? reaches(service, symptoms, touched[effect.currency], calls)
    reached.set(key, known)
    return known
  })
}

function touches(node: NodeEvidence | undefined, currency: 'time' | 'failures'): boolean {
  if (node === undefined) return false
  const odd =
    currency === 'time'
      ? deviation(node.latencyMs, node.requests, REQUEST_TIME)
      : deviation(node.failed, node.requests, REQUEST_SHARE)
  return (odd?.z ?? 0) >= TOUCHED
}

function remembered(ask: (service: string) => boolean): (service: string) => boolean {
  const known = new Map<string, boolean>()
  return (service) => {
    const answer = known.get(service) ?? ask(service)
    known.set(service, answer)
    return answer
  }
}

function reaches(
  service: string,
  symptoms: ReadonlySet<string>,
  passes: (service: string) => boolean,
  calls: Calls,
): boolean {
  const queue = new Set([service])
  for (const at of queue) {
    if (symptoms.has(at)) return true
    for (const caller of calls.callersOf(at)) if (passes(caller)) queue.add(caller)
  }
  return false
}

import type { CauseKind } from '@adf/contract'
import type { Finding } from './finding.ts'

/** What a person would look at to be sure of this cause, the most telling first. */
export function whatConfirms(service: string, kind: CauseKind, findings: readonly Finding[]): string[] {
  const [first] = findings.toSorted((a, b) => b.strength - a.strength)
  if (first === undefined) return [`no evidence speaks against ${service} itself: look at its own telemetry`]
  const since = first.sinceMs === undefined ? 'before' : `before ${new Date(first.sinceMs).toISOString()}`
  return LOOK_AT[kind](service, first.subject, since)
}

const LOOK_AT: Readonly<Record<CauseKind, (service: string, subject: string, since: string) => string[]>> = {
  code: (service, subject, since) => [
    `compare a trace through ${service} (${subject}) of now with one from ${since}`,
    `read the log of ${service} since then`,
  ],
  host: (service, _, since) => [
    `compare CPU, memory and disk of the hosts of ${service} with ${since}`,
    `see whether other services on these hosts suffer too`,
  ],
  network: (service, subject) => [
    `measure the round trip and the lost packets on ${subject}`,
    `see whether ${service} itself answers as fast as before when asked from its own host`,
  ],
  dependency: (service, subject) => [
    `look at the own metrics of ${service}: it sends no spans`,
    `call it by hand as ${subject} does`,
  ],
  change: (service, subject, since) => [
    `roll back the change of ${service} (${subject}), or deploy it elsewhere and compare with ${since}`,
  ],
}

import type { Anomaly, Incident } from '@adf/contract'
import { Member, memberKeyOf, serviceKey } from './member.ts'

/** The members of a stored incident: its services, and what these anomalies of it tell. */
export function membersOf(stored: Incident, anomalies: readonly Anomaly[]): Iterable<Member> {
  const members = new Map<string, Member>()
  for (const anomaly of anomalies) {
    const key = memberKeyOf(anomaly)
    const member = members.get(key) ?? Member.of(anomaly)
    members.set(key, member)
    member.take(anomaly)
    member.count++
  }
  for (const service of stored.services) {
    const key = serviceKey(service)
    if (members.has(key)) continue
    const member = new Member(key, service, undefined)
    member.sinceMs = Date.parse(stored.started_at)
    member.lastMs = member.sinceMs
    members.set(key, member)
  }
  return members.values()
}

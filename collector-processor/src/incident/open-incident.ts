import type { Anomaly, Incident, Ranking } from '@adf/contract'
import { entityIdOf, type Member } from './member.ts'
import type { Symptom } from './ports.ts'
import { titleOf } from './title.ts'

/** Symptoms told of one incident, the strongest. */
const MAX_SYMPTOMS = 2000

/** An incident that is open, with what is needed to join, merge, split and rank it. Times are milliseconds. */
export class OpenIncident {
  readonly id: string
  readonly openedMs: number
  /** When the latest anomaly was observed. */
  observedMs: number
  updatedMs: number
  dirty = true
  evidenceChanged = true
  servicesChanged = true
  rankedMs = Number.NEGATIVE_INFINITY
  rankings = 0
  verdict: Incident['verdict'] = null
  /** Key of the member or service that the grouping holds for the cause. */
  root: string | undefined
  readonly members = new Map<string, Member>()
  blastRadius: readonly string[] = []
  traceIds: readonly string[] = []
  causes: Incident['causes'] = []
  none: Incident['none'] = null
  suffering: Incident['suffering'] = []
  comparators: Incident['comparators'] = { random: [], max_z: [], pagerank: [] }
  /** Of before a restart: what no anomaly at hand tells. */
  #earlier = { startedMs: Number.POSITIVE_INFINITY, count: 0, maxScore: 0 }

  constructor(id: string, nowMs: number) {
    this.id = id
    this.openedMs = nowMs
    this.observedMs = nowMs
    this.updatedMs = nowMs
  }

  /** Of one that was open when the process ended; `anomalies` were taken before. */
  static restored(stored: Incident, members: Iterable<Member>, nowMs: number): OpenIncident {
    const incident = new OpenIncident(stored.id, Date.parse(stored.opened_at))
    for (const member of members) incident.members.set(member.key, member)
    incident.#earlier = {
      startedMs: Date.parse(stored.started_at),
      count: Math.max(0, stored.anomaly_count - incident.count),
      maxScore: stored.max_score,
    }
    const { verdict, causes, none, suffering, comparators } = stored
    Object.assign(incident, { verdict, causes, none, suffering, comparators })
    incident.blastRadius = stored.blast_radius
    incident.traceIds = stored.trace_ids
    incident.updatedMs = Date.parse(stored.updated_at)
    incident.observedMs = nowMs
    // Anomalies may be assigned to it that came after it was last told of.
    incident.dirty = incident.count > stored.anomaly_count
    // What the graph knew is gone with the process: rank again only on new evidence.
    incident.rankings = 2
    incident.evidenceChanged = false
    incident.servicesChanged = false
    return incident
  }

  get startedMs(): number {
    let startedMs = this.#earlier.startedMs
    for (const { sinceMs } of this.members.values()) startedMs = Math.min(startedMs, sinceMs)
    return Number.isFinite(startedMs) ? startedMs : this.openedMs
  }

  /** Event time of the latest anomaly. */
  get lastMs(): number {
    let lastMs = Number.NEGATIVE_INFINITY
    for (const member of this.members.values()) lastMs = Math.max(lastMs, member.lastMs)
    return Number.isFinite(lastMs) ? lastMs : this.startedMs
  }

  get count(): number {
    let count = this.#earlier.count
    for (const member of this.members.values()) count += member.count
    return count
  }

  /** Sorted. */
  get services(): string[] {
    return [...this.members.values()].flatMap(({ service }) => service ?? []).sort()
  }

  /** Hosts that are anomalous themselves. */
  get hosts(): string[] {
    return [...this.members.values()].flatMap(({ host }) => host ?? [])
  }

  get entityIds(): Set<string> {
    const ids = new Set<string>()
    for (const { entities } of this.members.values()) for (const key of entities) ids.add(entityIdOf(key))
    return ids
  }

  /** The entity, when there is but one; it may be in several streams. */
  get only(): string | undefined {
    const ids = this.entityIds
    return ids.size === 1 ? [...ids][0] : undefined
  }

  /** One more anomaly of a member. `hold`: it is assigned to this incident, not only counted. */
  add(member: Member, anomaly: Anomaly, hold: boolean, nowMs: number): void {
    if (member.take(anomaly)) this.evidenceChanged = true
    member.count++
    if (hold) member.anomalyIds.push(anomaly.id)
    this.observedMs = Math.max(this.observedMs, nowMs)
    this.dirty = true
  }

  admit(member: Member, nowMs: number): void {
    this.members.set(member.key, member)
    this.observedMs = Math.max(this.observedMs, nowMs)
    this.#regrouped()
  }

  dismiss(member: Member): void {
    this.members.delete(member.key)
    this.#regrouped()
  }

  /** Takes everything of `other`, which is open no more. */
  absorb(other: OpenIncident): void {
    for (const member of other.members.values()) this.members.set(member.key, member)
    const { startedMs, count, maxScore } = other.#earlier
    this.#earlier = {
      startedMs: Math.min(this.#earlier.startedMs, startedMs),
      count: this.#earlier.count + count,
      maxScore: Math.max(this.#earlier.maxScore, maxScore),
    }
    this.observedMs = Math.max(this.observedMs, other.observedMs)
    this.#regrouped()
  }

  /** Its members do not move any more. */
  settle(): void {
    for (const member of this.members.values()) member.anomalyIds = []
  }

  /** True when another cause is first now. */
  ranked(ranking: Ranking, nowMs: number): boolean {
    const first = this.causes[0]?.service
    this.causes = ranking.causes
    this.none = ranking.none
    this.suffering = ranking.suffering
    this.comparators = ranking.comparators
    this.rankedMs = nowMs
    this.rankings++
    this.evidenceChanged = false
    this.dirty = true
    return this.causes[0]?.service !== first
  }

  /** The same of a ranking that saw only the latest part: it counts when its first cause is no less likely than the one of before. */
  rankedLate(ranking: Ranking, nowMs: number): boolean {
    const [before] = this.causes
    const [first] = ranking.causes
    if (before === undefined || (first?.probability ?? 0) >= before.probability)
      return this.ranked(ranking, nowMs)
    this.rankedMs = nowMs
    this.rankings++
    this.evidenceChanged = false
    return false
  }

  /** Strongest first. */
  symptoms(): Symptom[] {
    return [...this.members.values()]
      .flatMap((member) => [...member.symptoms()])
      .sort((a, b) => b.strength - a.strength)
      .slice(0, MAX_SYMPTOMS)
  }

  toIncident(state: Incident['state'], mergedInto: string | null, resolvedMs: number | null): Incident {
    const { services } = this
    const members = [...this.members.values()]
    const [strongest] = members.toSorted((a, b) => b.strongest.score - a.strongest.score)
    const time = (ms: number) => new Date(ms).toISOString()
    return {
      id: this.id,
      state,
      merged_into: mergedInto,
      title: titleOf(this.causes, this.none, services, strongest?.strongest.text ?? 'unusual'),
      started_at: time(this.startedMs),
      opened_at: time(this.openedMs),
      updated_at: time(this.updatedMs),
      resolved_at: resolvedMs === null ? null : time(resolvedMs),
      max_score: members.reduce((max, { maxScore }) => Math.max(max, maxScore), this.#earlier.maxScore),
      services,
      blast_radius: [...this.blastRadius],
      causes: [...this.causes],
      none: this.none,
      suffering: [...this.suffering],
      comparators: this.comparators,
      anomaly_count: this.count,
      trace_ids: [...this.traceIds],
      verdict: this.verdict,
    }
  }

  #regrouped(): void {
    this.dirty = true
    this.evidenceChanged = true
    this.servicesChanged = true
  }
}

import type { Anomaly, Incident, Ranking } from '@adf/contract'
import { nodeOf } from './entity-node.ts'
import type { Symptom } from './ports.ts'
import { titleOf } from './title.ts'

/** Symptoms held by one incident; the weakest gives way. */
const MAX_SYMPTOMS = 2000

export const streamEntity = (anomaly: Anomaly): string => `${anomaly.stream}\u0000${anomaly.entity.id}`

export const entityIdOf = (key: string): string => key.slice(key.indexOf('\u0000') + 1)

/** An incident that is open, with what is needed to join, merge and rank it. Times are milliseconds. */
export class OpenIncident {
  readonly id: string
  readonly openedMs: number
  startedMs: number
  /** Event time of the latest anomaly, and when it was observed. */
  lastMs: number
  observedMs: number
  updatedMs: number
  dirty = false
  evidenceChanged = true
  servicesChanged = true
  rankedMs = Number.NEGATIVE_INFINITY
  rankings = 0
  count = 0
  maxScore = 0
  verdict: Incident['verdict'] = null
  readonly entities = new Set<string>()
  readonly services = new Set<string>()
  /** Hosts that are anomalous themselves, and hosts that anomalous services run on. */
  readonly hosts = new Set<string>()
  readonly serviceHosts = new Set<string>()
  blastRadius: readonly string[] = []
  traceIds: readonly string[] = []
  causes: Incident['causes'] = []
  none: Incident['none'] = null
  suffering: Incident['suffering'] = []
  comparators: Incident['comparators'] = { random: [], max_z: [], pagerank: [] }
  #symptoms = new Map<string, Symptom>()
  #strongest = { score: -1, text: '' }

  constructor(id: string, nowMs: number, startedMs: number) {
    this.id = id
    this.openedMs = nowMs
    this.observedMs = nowMs
    this.updatedMs = nowMs
    this.startedMs = startedMs
    this.lastMs = startedMs
  }

  /** The entity, when there is but one; it may be in several streams. */
  get only(): string | undefined {
    const ids = new Set([...this.entities].map(entityIdOf))
    return ids.size === 1 ? [...ids][0] : undefined
  }

  holds(entityId: string): boolean {
    for (const key of this.entities) if (entityIdOf(key) === entityId) return true
    return false
  }

  add(anomaly: Anomaly, nowMs: number): void {
    const timeMs = Date.parse(anomaly.time)
    this.count++
    this.startedMs = Math.min(this.startedMs, timeMs)
    this.lastMs = Math.max(this.lastMs, timeMs)
    this.observedMs = Math.max(this.observedMs, nowMs)
    this.dirty = true
    this.take(anomaly)
  }

  /** What the anomaly says of who suffers and how, without counting it. */
  take(anomaly: Anomaly): void {
    const { entity } = anomaly
    const service = nodeOf(entity)
    this.entities.add(streamEntity(anomaly))
    if (service !== undefined && !this.services.has(service)) {
      this.services.add(service)
      this.servicesChanged = true
    }
    if (entity.host !== undefined) (entity.kind === 'host' ? this.hosts : this.serviceHosts).add(entity.host)
    this.maxScore = Math.max(this.maxScore, anomaly.score)
    const [main] = anomaly.contributions
    if (anomaly.score > this.#strongest.score) {
      const who = service ?? entity.id
      this.#strongest = {
        score: anomaly.score,
        text:
          service === undefined
            ? `${entity.kind} ${who}: ${main?.text ?? 'unusual'}`
            : (main?.text ?? 'unusual'),
      }
    }
    const timeMs = Date.parse(anomaly.time)
    if (service === undefined) return
    for (const part of anomaly.contributions) {
      if (part.value === null || part.share === 0) continue
      this.#symptom({
        stream: anomaly.stream,
        service,
        feature: part.feature,
        value: part.value,
        expected: part.expected ?? Number.NaN,
        strength: anomaly.score * part.share,
        sinceMs: timeMs,
      })
    }
  }

  /** Takes everything of `other`, which is open no more. */
  absorb(other: OpenIncident): void {
    this.count += other.count
    this.startedMs = Math.min(this.startedMs, other.startedMs)
    this.lastMs = Math.max(this.lastMs, other.lastMs)
    this.observedMs = Math.max(this.observedMs, other.observedMs)
    this.maxScore = Math.max(this.maxScore, other.maxScore)
    for (const key of other.entities) this.entities.add(key)
    for (const service of other.services) this.services.add(service)
    for (const host of other.hosts) this.hosts.add(host)
    for (const host of other.serviceHosts) this.serviceHosts.add(host)
    for (const symptom of other.#symptoms.values()) this.#symptom(symptom)
    if (other.#strongest.score > this.#strongest.score) this.#strongest = other.#strongest
    this.dirty = true
    this.evidenceChanged = true
    this.servicesChanged = true
  }

  ranked(ranking: Ranking, nowMs: number): void {
    this.causes = ranking.causes
    this.none = ranking.none
    this.suffering = ranking.suffering
    this.comparators = ranking.comparators
    this.rankedMs = nowMs
    this.rankings++
    this.evidenceChanged = false
    this.dirty = true
  }

  symptoms(): Symptom[] {
    return [...this.#symptoms.values()].sort((a, b) => b.strength - a.strength)
  }

  #symptom(seen: Symptom): void {
    const key = `${seen.stream}\u0000${seen.service}\u0000${seen.feature}`
    const known = this.#symptoms.get(key)
    const sinceMs = Math.min(seen.sinceMs, known?.sinceMs ?? Number.POSITIVE_INFINITY)
    if (known !== undefined && known.strength >= seen.strength) {
      if (sinceMs < known.sinceMs) this.#symptoms.set(key, { ...known, sinceMs })
      return
    }
    this.#symptoms.set(key, { ...seen, sinceMs })
    this.evidenceChanged = true
    if (this.#symptoms.size > MAX_SYMPTOMS) {
      let weakest = key
      let least = Number.POSITIVE_INFINITY
      for (const [k, { strength }] of this.#symptoms) {
        if (strength < least) {
          least = strength
          weakest = k
        }
      }
      this.#symptoms.delete(weakest)
    }
  }

  toIncident(state: Incident['state'], mergedInto: string | null, resolvedMs: number | null): Incident {
    const services = [...this.services].sort()
    const time = (ms: number) => new Date(ms).toISOString()
    return {
      id: this.id,
      state,
      merged_into: mergedInto,
      title: titleOf(this.causes, services, this.#strongest.text),
      started_at: time(this.startedMs),
      opened_at: time(this.openedMs),
      updated_at: time(this.updatedMs),
      resolved_at: resolvedMs === null ? null : time(resolvedMs),
      max_score: this.maxScore,
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
}

import type { Anomaly, Incident, VerdictValue } from '@adf/contract'
import { Connections } from './connections.ts'
import { nodeOf } from './entity-node.ts'
import { entityIdOf, OpenIncident, streamEntity } from './open-incident.ts'
import type { IncidentOptions, IncidentPorts, Symptom } from './ports.ts'
import { Runs } from './run.ts'

/** The evidence is thin when an incident opens: it is ranked again so long after. */
const SECOND_RANKING_MS = 2000
/** Between two ticks: searches of the graph, and questions of which most are answered from memory. */
const GRAPH_LIMITS = { calls: 200, asks: 20_000 }

/**
 * Anomalies that belong together become incidents.
 *
 * - An entity opens (or joins) an incident after `openAfter` anomalous vectors in a row; the whole run joins.
 * - It joins an open incident that overlaps in time and has the same entity, a service connected to its own, or its host.
 *   Where it fits several, they merge: the oldest survives and the others end as `merged`. A graph that grows can make
 *   open incidents belong together later; `tick` looks for that.
 * - An incident resolves after `resolveAfterMs` without an anomaly. That is final: later trouble of the same services is
 *   a new incident, so that verdicts and exports speak of a closed record (the quiet time already damps flapping).
 * - Ranked on opening, again two seconds later, then at most once per `rankIntervalMs` while there is new evidence. Once it
 *   is older than `rankWindowMs` only new services cause a ranking, since by then the trouble itself would pass for normal.
 *
 * Pure: time comes from `clock`, ids and everything else from the ports. Bounded by `maxOpen`, `maxAnomalies`, `maxRuns`.
 */
export class IncidentTracker {
  readonly #options: Required<IncidentOptions>
  readonly #ports: IncidentPorts
  readonly #clock: () => number
  readonly #runs: Runs
  /** In order of opening. */
  readonly #open = new Map<string, OpenIncident>()
  readonly #byEntity = new Map<string, OpenIncident>()
  #entityIds = new Set<string>()
  readonly #connections: Connections
  #ranksLeft: number
  #lookedMs = Number.NEGATIVE_INFINITY
  /** The incident at which the look for those that belong together goes on; undefined = from the oldest. */
  #lookFrom: string | undefined

  constructor(options: IncidentOptions, ports: IncidentPorts, clock: () => number) {
    this.#options = {
      rankIntervalMs: 5000,
      updateIntervalMs: 1000,
      ranksPerTick: 4,
      maxRuns: 20_000,
      ...options,
    }
    this.#ports = ports
    this.#clock = clock
    this.#runs = new Runs(options.openAfter, options.resolveAfterMs, this.#options.maxRuns)
    this.#ranksLeft = this.#options.ranksPerTick
    this.#connections = new Connections((a, b) => ports.connected(a, b), GRAPH_LIMITS)
  }

  /** The incident that the anomaly belongs to now, or null. Earlier ones of its run that come along are told by `joined`. */
  observe(anomaly: Anomaly): string | null {
    const nowMs = this.#clock()
    const member = this.#byEntity.get(streamEntity(anomaly))
    if (member !== undefined) return this.#join(member, [anomaly], nowMs) > 0 ? member.id : null
    const run = this.#runs.add(streamEntity(anomaly), anomaly, nowMs)
    if (run === 'full') this.#ports.left('too_many_runs')
    if (run === undefined || run === 'full') return null
    const [first, ...others] = this.#fitting(anomaly)
    if (first === undefined && this.#open.size >= this.#options.maxOpen) {
      this.#ports.left('too_many_open')
      return null
    }
    for (const other of others) if (first !== undefined) this.#merge(first, other, nowMs)
    const incident = first ?? this.#create(anomaly, nowMs)
    const linked = this.#join(incident, run, nowMs)
    const earlier = run.slice(0, Math.min(linked, run.length - 1)).map(({ id }) => id)
    this.#runs.end(streamEntity(anomaly))
    if (first === undefined) {
      this.#rank(incident, nowMs)
      this.#tell(incident, 'opened', nowMs)
    }
    if (earlier.length > 0) this.#ports.joined(incident.id, earlier)
    return linked === run.length ? incident.id : null
  }

  /** A normal vector of the entity: its run of anomalous ones ends. */
  clear(stream: string, entityId: string): void {
    this.#runs.end(`${stream}\u0000${entityId}`)
  }

  /** Resolves, merges, ranks and tells of updates. Call it about once a step. */
  tick(nowMs: number = this.#clock()): void {
    this.#ranksLeft = this.#options.ranksPerTick
    this.#connections.refill()
    this.#runs.expire(nowMs)
    for (const incident of [...this.#open.values()]) {
      if (nowMs - incident.observedMs >= this.#options.resolveAfterMs) this.#resolve(incident, nowMs)
    }
    if (this.#lookFrom !== undefined || nowMs - this.#lookedMs >= this.#options.rankIntervalMs) {
      this.#lookedMs = nowMs
      this.#mergeConnected(nowMs)
    }
    for (const incident of this.#open.values()) {
      if (this.#rankingDue(incident, nowMs)) this.#rank(incident, nowMs)
      if (incident.dirty && nowMs - incident.updatedMs >= this.#options.updateIntervalMs) {
        this.#tell(incident, 'updated', nowMs)
      }
    }
  }

  /** An operator's word on an open incident, so that later updates carry it. */
  judged(incidentId: string, verdict: VerdictValue | null): void {
    const incident = this.#open.get(incidentId)
    if (incident !== undefined) incident.verdict = verdict
  }

  /** Goes on with an incident that was open when the process ended. `anomalies` may be the latest few of its anomalies. */
  restore(stored: Incident, anomalies: readonly Anomaly[]): void {
    if (stored.state !== 'open' || this.#open.has(stored.id)) return
    const incident = new OpenIncident(stored.id, Date.parse(stored.opened_at), Date.parse(stored.started_at))
    for (const anomaly of anomalies) {
      incident.take(anomaly)
      incident.lastMs = Math.max(incident.lastMs, Date.parse(anomaly.time))
    }
    for (const service of stored.services) incident.services.add(service)
    incident.count = stored.anomaly_count
    incident.maxScore = stored.max_score
    incident.verdict = stored.verdict
    incident.causes = stored.causes
    incident.none = stored.none
    incident.suffering = stored.suffering
    incident.comparators = stored.comparators
    incident.blastRadius = stored.blast_radius
    incident.traceIds = stored.trace_ids
    incident.updatedMs = Date.parse(stored.updated_at)
    incident.observedMs = this.#clock()
    // What the graph knew is gone with the process: rank again only on new evidence.
    incident.rankings = 2
    incident.evidenceChanged = false
    incident.servicesChanged = false
    this.#open.set(incident.id, incident)
    for (const key of incident.entities) this.#byEntity.set(key, incident)
    this.#findEntityIds()
  }

  /** Open incidents as they are now, oldest first. */
  open(): Incident[] {
    return [...this.#open.values()].map((incident) => incident.toIncident('open', null, null))
  }

  /** What is seen of all open incidents, strongest first. */
  symptoms(): Symptom[] {
    return [...this.#open.values()]
      .flatMap((incident) => incident.symptoms())
      .sort((a, b) => b.strength - a.strength)
  }

  /** True while the entity has anomalies in an open incident. */
  holds(entityId: string): boolean {
    return this.#entityIds.has(entityId)
  }

  /** Services of all open incidents. */
  services(): string[] {
    return [...new Set([...this.#open.values()].flatMap((incident) => [...incident.services]))]
  }

  /** Services of the open incidents that hold several entities. */
  spreadingServices(): string[] {
    const spreading = [...this.#open.values()].filter(({ only }) => only === undefined)
    return [...new Set(spreading.flatMap((incident) => [...incident.services]))]
  }

  /** True while the entity has anomalies in open incidents, and nothing else has in these. */
  aloneIn(entityId: string): boolean {
    let alone = false
    for (const incident of this.#open.values()) {
      if (incident.only === entityId) alone = true
      else if (incident.holds(entityId)) return false
    }
    return alone
  }

  get openCount(): number {
    return this.#open.size
  }

  #create(anomaly: Anomaly, nowMs: number): OpenIncident {
    const incident = new OpenIncident(this.#ports.newId(), nowMs, Date.parse(anomaly.time))
    this.#open.set(incident.id, incident)
    return incident
  }

  /** How many of the anomalies the incident holds; past `maxAnomalies` it only counts them. */
  #join(incident: OpenIncident, anomalies: readonly Anomaly[], nowMs: number): number {
    let held = 0
    for (const anomaly of anomalies) {
      if (incident.count < this.#options.maxAnomalies) held++
      else this.#ports.left('incident_full')
      incident.add(anomaly, nowMs)
      this.#byEntity.set(streamEntity(anomaly), incident)
      this.#entityIds.add(anomaly.entity.id)
    }
    return held
  }

  #fitting(anomaly: Anomaly): OpenIncident[] {
    const timeMs = Date.parse(anomaly.time)
    const slackMs = this.#options.resolveAfterMs
    const service = nodeOf(anomaly.entity)
    const { kind, host } = anomaly.entity
    return [...this.#open.values()].filter((incident) => {
      if (timeMs < incident.startedMs - slackMs || timeMs > incident.lastMs + slackMs) return false
      if (host !== undefined && incident.hosts.has(host)) return true
      if (kind === 'host' && host !== undefined && incident.serviceHosts.has(host)) return true
      if (service === undefined) return false
      return this.#touches(service, incident)
    })
  }

  #touches(service: string, incident: OpenIncident): boolean {
    if (incident.services.has(service)) return true
    for (const other of incident.services) if (this.#connections.has(service, other)) return true
    return false
  }

  /** Looks at every two; goes on at the next tick where the graph's budget ran out. */
  #mergeConnected(nowMs: number): void {
    if (this.#lookFrom === undefined) this.#connections.forget()
    const all = [...this.#open.values()]
    const first = Math.max(
      0,
      all.findIndex(({ id }) => id === this.#lookFrom),
    )
    for (const [index, older] of all.entries()) {
      if (index < first || !this.#open.has(older.id)) continue
      for (const younger of all.slice(index + 1)) {
        if (!this.#open.has(younger.id)) continue
        if (this.#belongTogether(older, younger)) this.#merge(older, younger, nowMs)
        if (this.#connections.exhausted) {
          this.#lookFrom = older.id
          return
        }
      }
    }
    this.#lookFrom = undefined
  }

  #belongTogether(a: OpenIncident, b: OpenIncident): boolean {
    const slackMs = this.#options.resolveAfterMs
    if (a.lastMs + slackMs < b.startedMs || b.lastMs + slackMs < a.startedMs) return false
    if (share(a.hosts, b.serviceHosts) || share(b.hosts, a.serviceHosts) || share(a.hosts, b.hosts))
      return true
    for (const service of a.services) if (this.#touches(service, b)) return true
    return false
  }

  #merge(survivor: OpenIncident, other: OpenIncident, nowMs: number): void {
    survivor.absorb(other)
    for (const key of other.entities) this.#byEntity.set(key, survivor)
    this.#open.delete(other.id)
    other.updatedMs = nowMs
    this.#ports.changed(other.toIncident('merged', survivor.id, nowMs), 'merged')
  }

  #resolve(incident: OpenIncident, nowMs: number): void {
    this.#open.delete(incident.id)
    for (const key of incident.entities) {
      if (this.#byEntity.get(key) === incident) this.#byEntity.delete(key)
    }
    this.#findEntityIds()
    incident.updatedMs = nowMs
    this.#ports.changed(incident.toIncident('resolved', null, nowMs), 'resolved')
  }

  /** An entity may have anomalies in several streams, hence in several incidents. */
  #findEntityIds(): void {
    this.#entityIds = new Set([...this.#byEntity.keys()].map(entityIdOf))
  }

  #rankingDue(incident: OpenIncident, nowMs: number): boolean {
    if (incident.rankings === 0) return true
    if (incident.rankings === 1) return nowMs - incident.openedMs >= SECOND_RANKING_MS
    if (nowMs - incident.rankedMs < this.#options.rankIntervalMs) return false
    const young = nowMs - incident.openedMs <= this.#options.rankWindowMs
    return incident.servicesChanged || (young && incident.evidenceChanged)
  }

  #rank(incident: OpenIncident, nowMs: number): void {
    if (this.#ranksLeft <= 0) return
    this.#ranksLeft--
    const services = [...incident.services].sort()
    const sinceMs = Math.max(incident.startedMs, nowMs - this.#options.rankWindowMs)
    try {
      incident.ranked(this.#ports.rank({ nowMs, sinceMs, services, symptoms: incident.symptoms() }), nowMs)
      incident.blastRadius = this.#ports.blastRadius(services)
      incident.traceIds = this.#ports.exemplars(services, sinceMs)
    } catch (error) {
      incident.rankings++
      incident.rankedMs = nowMs
      this.#ports.failed(error)
    }
    incident.servicesChanged = false
  }

  #tell(incident: OpenIncident, kind: 'opened' | 'updated', nowMs: number): void {
    incident.updatedMs = nowMs
    incident.dirty = false
    this.#ports.changed(incident.toIncident('open', null, null), kind)
  }
}

function share(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const item of a) if (b.has(item)) return true
  return false
}

import type { Anomaly, Incident, VerdictValue } from '@adf/contract'
import { Grouper } from './grouper.ts'
import type { Placement } from './grouping/placement.ts'
import { type Member, memberKeyOf, streamEntity } from './member.ts'
import { Newcomers } from './newcomers.ts'
import { OpenIncident } from './open-incident.ts'
import { OpenIncidents } from './open-incidents.ts'
import type { IncidentOptions, IncidentPorts } from './ports.ts'
import { Ranks } from './ranks.ts'
import { membersOf } from './restored.ts'
import { Runs } from './run.ts'

/**
 * Anomalies that have a cause in common become incidents.
 *
 * - An entity joins or opens an incident after `openAfter` anomalous vectors in a row; the whole run joins. The next `tick`
 *   finds its place, for all that came since the last one together, so that the order of coming does not matter.
 * - Whoever suffers from the cause of an incident belongs to it (grouping/): two faults at once are two incidents, though
 *   the same service calls both. Such a service stands in one of them, the likelier; it merges nothing.
 * - Incidents whose causes turn out to be one merge: the oldest survives and the others end as `merged`. One that holds two
 *   causes splits, within `rankWindowMs` of its opening. Both only when looks agree for a while.
 * - An incident resolves after `resolveAfterMs` without an anomaly. That is final: later trouble of the same services is
 *   a new incident, so that verdicts and exports speak of a closed record (the quiet time already damps flapping).
 *
 * Pure: time comes from `clock`, ids and everything else from the ports. Bounded by `maxOpen`, `maxAnomalies`, `maxRuns`.
 */
export class IncidentTracker extends OpenIncidents {
  readonly #options: Required<IncidentOptions>
  readonly #ports: IncidentPorts
  readonly #clock: () => number
  readonly #runs: Runs
  readonly #newcomers = new Newcomers()
  readonly #grouper: Grouper
  readonly #ranks: Ranks
  /** Anomalies that incidents had when the process ended: they may be found again. */
  readonly #restored = new Set<string>()

  constructor(options: IncidentOptions, ports: IncidentPorts, clock: () => number) {
    super()
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
    this.#grouper = new Grouper(this.#options, ports)
    this.#ranks = new Ranks(this.#options, ports)
  }

  /** The incident that the anomaly belongs to, or null. `joined` tells when it, or an earlier one of its run, finds one. */
  observe(anomaly: Anomaly): string | null {
    const nowMs = this.#clock()
    const key = streamEntity(anomaly)
    const incident = this.of(memberKeyOf(anomaly))
    if (this.#restored.delete(anomaly.id)) return incident?.id ?? null
    if (incident?.members.get(memberKeyOf(anomaly))?.entities.has(key) === true)
      return this.#add(incident, [anomaly], nowMs) > 0 ? incident.id : null
    if (incident === undefined && this.#newcomers.waits(anomaly)) {
      // As it would once the tick has placed its run: what becomes of it must not hang on when that comes.
      this.#newcomers.add([anomaly])
      return null
    }
    const run = this.#runs.add(key, anomaly, nowMs)
    if (run === 'full') this.#ports.left('too_many_runs')
    if (run === undefined || run === 'full') return null
    if (incident === undefined) {
      this.#newcomers.add(run)
      return null
    }
    const held = this.#add(incident, run, nowMs)
    this.#runs.end(key)
    const earlier = run.slice(0, Math.min(held, run.length - 1)).map(({ id }) => id)
    if (earlier.length > 0) this.#ports.joined(incident.id, earlier)
    return held === run.length ? incident.id : null
  }

  /** A normal vector of the entity: its run of anomalous ones ends. */
  clear(stream: string, entityId: string): void {
    this.#runs.end(`${stream}\u0000${entityId}`)
  }

  /** Places newcomers; resolves, merges, splits, ranks and tells of updates. Call it once a step, after its anomalies. */
  tick(nowMs: number = this.#clock()): void {
    this.#ranks.refill()
    this.#runs.expire(nowMs)
    for (const incident of this.all()) {
      if (nowMs - incident.observedMs >= this.#options.resolveAfterMs) this.#resolve(incident, nowMs)
      else if (nowMs - incident.openedMs > this.#options.rankWindowMs) incident.settle()
    }
    const all = this.all()
    if (this.#grouper.due(all, this.#newcomers.members.size, nowMs)) {
      const look = this.#grouper.look(all, this.#newcomers.members, nowMs, () => this.#ranks.take())
      this.#place(look, nowMs)
      this.#grouper.endLook()
    }
    for (const incident of this.all()) {
      if (this.#ranks.due(incident, nowMs)) this.#ranks.rank(incident, this.all(), nowMs)
      if (incident.dirty && nowMs - incident.updatedMs >= this.#options.updateIntervalMs)
        this.#tell(incident, 'updated', nowMs)
    }
  }

  /** Ids of anomalies that are in no incident and may still come into one, with others of their run. */
  *undecided(): IterableIterator<string> {
    for (const { id } of this.#runs.anomalies()) yield id
    for (const { anomalyIds } of this.#newcomers.members.values()) yield* anomalyIds
  }

  /** An operator's word on an open incident, so that later updates carry it. */
  judged(incidentId: string, verdict: VerdictValue | null): void {
    const incident = this.byId(incidentId)
    if (incident !== undefined) incident.verdict = verdict
  }

  /** Goes on with an incident that was open when the process ended. `anomalies` may be the latest few of its anomalies. */
  restore(stored: Incident, anomalies: readonly Anomaly[]): void {
    if (stored.state !== 'open' || this.byId(stored.id) !== undefined) return
    for (const { id } of anomalies) this.#restored.add(id)
    this.put(OpenIncident.restored(stored, membersOf(stored, anomalies), this.#clock()))
  }

  /** How many of the anomalies the incident holds; past `maxAnomalies` it only counts them. */
  #add(incident: OpenIncident, anomalies: readonly Anomaly[], nowMs: number): number {
    let held = 0
    for (const anomaly of anomalies) {
      const member = incident.members.get(memberKeyOf(anomaly))
      if (member === undefined) continue
      const hold = incident.count < this.#options.maxAnomalies
      if (hold) held++
      else this.#ports.left('incident_full')
      const moves = nowMs - incident.openedMs <= this.#options.rankWindowMs
      incident.add(member, anomaly, hold && moves, nowMs)
      this.entityJoined(anomaly.entity.id)
    }
    return held
  }

  #place({ roots, joins, opens, merges, moves }: Placement, nowMs: number): void {
    for (const [id, root] of roots) this.setRoot(id, root)
    const groups = [...opens].map(([root, keys]): [string | undefined, readonly string[]] => [root, keys])
    for (const [id, keys] of joins) {
      const incident = this.byId(id)
      if (incident === undefined) continue
      const apart = keys.filter((key) => !this.#admit(incident, key, nowMs))
      this.#tellJoined(
        incident,
        keys.filter((key) => !apart.includes(key)),
      )
      for (const key of apart) groups.push([undefined, [key]])
    }
    this.#open(groups, nowMs)
    for (const { survivor, other } of merges) this.#merge(survivor, other, nowMs)
    const splits = Map.groupBy(moves, ({ from, root, to }) => `${from} ${to ?? root}`)
    for (const [way, together] of splits) {
      const [first] = together
      const from = first === undefined ? undefined : this.byId(first.from)
      if (first === undefined || from === undefined) continue
      const movable =
        nowMs - from.openedMs <= this.#options.rankWindowMs && together.length < from.members.size
      if (!movable || !this.#grouper.agreed(`move ${way}`, nowMs)) continue
      this.#move(from, first.to === undefined ? undefined : this.byId(first.to), first.root, together, nowMs)
    }
  }

  /** A newcomer joins; false when its trouble does not overlap with that of the incident. */
  #admit(incident: OpenIncident, key: string, nowMs: number): boolean {
    const member = this.#newcomers.members.get(key)
    if (member === undefined) return false
    if (incident.members.size > 0 && !this.#overlap(incident, member)) return false
    this.#newcomers.take(key)
    const room = Math.max(0, this.#options.maxAnomalies - incident.count)
    for (const _ of member.anomalyIds.splice(room)) this.#ports.left('incident_full')
    incident.admit(member, nowMs)
    this.put(incident)
    for (const entity of member.entities) this.#runs.end(entity)
    return true
  }

  #tellJoined(incident: OpenIncident, keys: readonly string[]): void {
    const ids = keys.flatMap((key) => incident.members.get(key)?.anomalyIds ?? [])
    if (ids.length > 0) this.#ports.joined(incident.id, ids)
  }

  #open(groups: readonly (readonly [string | undefined, readonly string[]])[], nowMs: number): void {
    const opened: [OpenIncident, readonly string[]][] = []
    for (const [root, keys] of groups) {
      if (this.openCount >= this.#options.maxOpen) {
        for (const key of keys) if (this.#newcomers.take(key) !== undefined) this.#ports.left('too_many_open')
        continue
      }
      const incident = this.#create(root, nowMs)
      opened.push([incident, keys.filter((key) => this.#admit(incident, key, nowMs))])
    }
    // Each is ranked knowing what the others account for.
    if (opened.length > 0) this.rankAnew()
    for (const [incident, keys] of opened) {
      this.#announce(incident, nowMs)
      this.#tellJoined(incident, keys)
    }
  }

  #create(root: string | undefined, nowMs: number): OpenIncident {
    const incident = new OpenIncident(this.#ports.newId(), nowMs)
    incident.root = root
    return incident
  }

  #announce(incident: OpenIncident, nowMs: number): void {
    this.#ranks.rank(incident, this.all(), nowMs)
    this.#tell(incident, 'opened', nowMs)
  }

  #merge(survivorId: string, otherId: string, nowMs: number): void {
    const survivor = this.byId(survivorId)
    const other = this.byId(otherId)
    if (survivor === undefined || other === undefined || !this.#overlap(survivor, other)) return
    if (!this.#grouper.agreed(`merge ${survivorId} ${otherId}`, nowMs)) return
    survivor.absorb(other)
    this.remove(other)
    this.put(survivor)
    other.updatedMs = nowMs
    this.#ports.changed(other.toIncident('merged', survivor.id, nowMs), 'merged')
    this.#ports.happened(survivor.id, {
      atMs: nowMs,
      kind: 'merged',
      subject: other.id,
      text: `incident ${other.id} has the same cause: it goes on here`,
    })
  }

  #move(
    from: OpenIncident,
    to: OpenIncident | undefined,
    root: string,
    moves: readonly { readonly member: string }[],
    nowMs: number,
  ): void {
    if (to === undefined && this.openCount >= this.#options.maxOpen) return
    const target = to ?? this.#create(root, nowMs)
    const moved = moves.flatMap(({ member }) => from.members.get(member) ?? [])
    for (const member of moved) {
      from.dismiss(member)
      target.admit(member, nowMs)
    }
    this.put(from)
    this.put(target)
    this.rankAnew()
    if (to === undefined) this.#announce(target, nowMs)
    const services = moved.flatMap(({ service }) => service ?? []).join(', ')
    for (const [id, text, other] of [
      [from.id, `${services} has another cause: it goes on as incident ${target.id}`, target],
      [target.id, `${services} came from incident ${from.id}`, from],
    ] as const)
      this.#ports.happened(id, { atMs: nowMs, kind: 'split', subject: other.id, text })
    this.#tellJoined(
      target,
      moved.map(({ key }) => key),
    )
  }

  #overlap(a: Span, b: Span): boolean {
    const slackMs = this.#options.resolveAfterMs
    return startOf(a) <= b.lastMs + slackMs && startOf(b) <= a.lastMs + slackMs
  }

  #resolve(incident: OpenIncident, nowMs: number): void {
    this.remove(incident)
    incident.updatedMs = nowMs
    this.#ports.changed(incident.toIncident('resolved', null, nowMs), 'resolved')
  }

  #tell(incident: OpenIncident, kind: 'opened' | 'updated', nowMs: number): void {
    incident.updatedMs = nowMs
    incident.dirty = false
    this.#ports.changed(incident.toIncident('open', null, null), kind)
  }
}

type Span = OpenIncident | Member
const startOf = (span: Span) => ('sinceMs' in span ? span.sinceMs : span.startedMs)

import type { Anomaly, Incident } from '@adf/contract'
import type { IncidentChange } from '../incident/ports.ts'
import type { IncidentTracker } from '../incident/tracker.ts'
import { restoreIncidents } from '../restore-incidents.ts'
import { atOnce, createSteps } from '../steps.ts'
import type { Finding } from '../store/shard.ts'
import type { Store } from '../store/store.ts'

/** Anomalies looked at in one round. */
const PAGE = 500

/** Findings kept because their run may still become an incident: the latest. */
const MOST_HELD = 2000

/** What came of a round, in its order. */
export type Outcome =
  | { readonly kind: 'incident'; readonly incident: Incident; readonly change: IncidentChange }
  | { readonly kind: 'joined'; readonly incidentId: string; readonly anomalyIds: readonly string[] }
  | {
      readonly kind: 'happened'
      readonly incidentId: string
      readonly entry: Parameters<Store['incidentHistory']['note']>[1]
    }

export interface ReducerParts {
  readonly store: Pick<Store, 'anomalies' | 'incidents' | 'incidentHistory' | 'findings' | 'shards'>
  /** A tracker that goes by `clock`, and tells `outcome` what comes. */
  readonly tracker: (clock: () => number, outcome: (one: Outcome) => void) => IncidentTracker
  /** Where a service runs is known by its anomalies, too. */
  readonly seen: (anomaly: Anomaly, nowMs: number) => void
  /** After it was stored. */
  readonly told: (incident: Incident, change: IncidentChange) => void
  readonly stepMs: number
  /** A shard of which nothing was heard for so long holds nobody up, and one that is further behind than this neither. */
  readonly maxDelayMs: number
  /** Until when the graph has what the spans of all members add; undefined when that is not known. */
  readonly graphReachedMs: () => number | undefined
  readonly wall: () => number
}

/**
 * Makes incidents of the anomalies of all shards, in the order of their steps, as far as all shards have come. What it knows is in the
 * store after each round: a round that could not be stored is the end of it, and another reducer begins from the store.
 */
export class Reducer {
  readonly #parts: ReducerParts
  readonly #tracker: IncidentTracker
  readonly #reach: (nowMs: number) => void
  #nowMs = Number.NEGATIVE_INFINITY
  #outcomes: Outcome[] = []
  /** Looked at, and still in the store: the next reducer would have to begin their runs with them. */
  readonly #held = new Set<string>()
  /** Anomalies came that no tick has placed yet. */
  #observed = false

  private constructor(parts: ReducerParts) {
    this.#parts = parts
    this.#tracker = parts.tracker(
      () => this.#nowMs,
      (one) => this.#outcomes.push(one),
    )
    const steps = createSteps({
      pipeline: atOnce((nowMs) => this.#tick(nowMs)),
      stepMs: parts.stepMs,
      clock: () => this.#nowMs,
      each: true,
      log: {
        error: (fields: unknown) => {
          throw fields instanceof Object && 'err' in fields ? fields.err : fields
        },
      },
    })
    this.#reach = (nowMs) => steps.reach(nowMs)
  }

  /** Goes on with the incidents that are open in the store. */
  static async begin(parts: ReducerParts): Promise<Reducer> {
    const reducer = new Reducer(parts)
    reducer.#nowMs = (await reducer.#reached()) ?? parts.wall()
    await restoreIncidents(parts.store, reducer.#tracker)
    return reducer
  }

  get openCount(): number {
    return this.#tracker.openCount
  }

  /** Looks at what there is. Rejects when it cannot go on. */
  async round(): Promise<void> {
    const { store } = this.#parts
    for (let more = true; more; ) {
      const reachedMs = await this.#reached()
      if (reachedMs === undefined) return
      const limit = PAGE + this.#held.size
      const findings = await store.findings.upTo(reachedMs, limit)
      more = findings.length === limit
      for (const finding of findings) if (!this.#held.has(finding.anomaly.id)) this.#take(finding)
      if (!more) this.#end(reachedMs)
      await this.#store()
    }
  }

  /** Up to when all shards have come. */
  async #reached(): Promise<number | undefined> {
    const { store, wall, maxDelayMs, graphReachedMs } = this.#parts
    const behindMs = wall() - maxDelayMs
    const reachedMs = await store.shards.reachedMs(behindMs)
    if (reachedMs === undefined) return undefined
    return Math.max(Math.min(reachedMs, graphReachedMs() ?? reachedMs), behindMs)
  }

  #tick(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    this.#observed = false
    this.#tracker.tick(this.#nowMs)
  }

  #end(nowMs: number): void {
    if (this.#observed) this.#tick(this.#nowMs)
    this.#reach(nowMs)
    this.#nowMs = Math.max(this.#nowMs, nowMs)
  }

  /** All of one step before the tick that ends it. */
  #take({ anomaly, stepMs, first }: Finding): void {
    if (stepMs > this.#nowMs) {
      this.#end(stepMs - 1)
      this.#nowMs = stepMs
    }
    this.#observed = true
    this.#held.add(anomaly.id)
    this.#parts.seen(anomaly, this.#nowMs)
    if (first) this.#tracker.clear(anomaly.stream, anomaly.entity.id)
    const incidentId = this.#tracker.observe(anomaly)
    if (incidentId !== null) this.#outcomes.push({ kind: 'joined', incidentId, anomalyIds: [anomaly.id] })
  }

  /** The writes begin in one turn of the event loop, so that they are in one transaction; findings go once no run may need them. */
  async #store(): Promise<void> {
    const { store, told } = this.#parts
    const outcomes = this.#outcomes
    this.#outcomes = []
    const writes: Promise<unknown>[] = outcomes.map((one) => {
      if (one.kind === 'incident') return store.incidents.save(one.incident)
      if (one.kind === 'joined') return store.anomalies.assign(one.incidentId, one.anomalyIds)
      return store.incidentHistory.note(one.incidentId, one.entry)
    })
    const undecided = new Set(this.#tracker.undecided())
    const kept = new Set([...this.#held].filter((id) => undecided.has(id)).slice(-MOST_HELD))
    const done = [...this.#held].filter((id) => !kept.has(id))
    for (const id of done) this.#held.delete(id)
    writes.push(store.findings.remove(done))
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    for (const one of outcomes) if (one.kind === 'incident') told(one.incident, one.change)
  }
}

import type { TunerStep } from '@adf/contract/feedback'
import type { LeaseStore, Logger } from '@adf/service'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { FeedbackStore, MissedStore, QuestionStore } from '../store/feedback-store.ts'
import type { AuditLine } from '../store/store.ts'
import type { Freeze, TunerStore } from '../store/tuner-store.ts'
import { thresholdOf } from '../tuner/guard/record.ts'
import type { Step } from '../tuner/step.ts'
import type { Case, Tuner, TunerOptions } from '../tuner/tuner.ts'
import { readBurns } from './burn.ts'
import { deliverStep } from './delivery.ts'
import { type EntityState, NEW_ENTITY } from './entity-state.ts'
import { gather, type Known } from './evidence.ts'
import { freezeOf } from './freeze.ts'
import { Holders } from './holders.ts'
import { entityRow, keptStates, keptTuner, policyRow } from './kept.ts'
import type { TuningMetrics } from './metrics.ts'
import { reconciled } from './reconcile.ts'
import { type Place, placeKey, rosterOf } from './roster.ts'
import { ScoreCache } from './score-cache.ts'
import { toldStep } from './told-step.ts'

export interface TuningOptions {
  readonly processors: readonly Processor[]
  readonly store: {
    readonly feedback: Pick<FeedbackStore, 'episodes'>
    readonly questions: Pick<QuestionStore, 'answered'>
    readonly missed: Pick<MissedStore, 'between'>
    readonly tuner: TunerStore
    readonly leases: LeaseStore
  }
  readonly tuner: TunerOptions
  readonly memoryMs: number
  readonly mostEntities: number
  readonly leaseMs: number
  /** Names this process among those on the same database. */
  readonly holder: string
  readonly clock: () => number
  readonly metrics: TuningMetrics
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** One entity as it was at the last look. */
export interface Looked extends Known {
  readonly state: EntityState
  /** In force at the processor. */
  readonly threshold: number
  readonly heldBy: 'initial' | 'tuner' | 'operator'
  readonly frozen: boolean
}

const LEASE = 'tuning'
const MINUTE_MS = 60_000

/**
 * Looks at all thresholds again and again, and moves those that the tuner says. Of several replicas the one with the lease does.
 *
 * A step is stored, with the version that it is to change, before a processor is told; what is stored and not known to be in effect is told
 * again first of all, over that version alone. So a step is in effect once, wherever the process ends.
 */
export class Tuning {
  readonly #options: TuningOptions
  readonly #holders: ReadonlyMap<Processor, Holders>
  readonly #scores: ScoreCache
  #tuner: Tuner | undefined
  #fence: number | undefined
  #looked: readonly Looked[] = []
  #problems: readonly string[] = []
  #lookedMs: number | undefined

  constructor(options: TuningOptions) {
    this.#options = options
    this.#holders = new Map(options.processors.map((processor) => [processor, new Holders(processor)]))
    this.#scores = new ScoreCache(options.mostEntities)
  }

  /** As at the last look; empty before the first, and where another replica tunes. */
  get looked(): readonly Looked[] {
    return this.#looked
  }

  /** What keeps it from working. */
  get problems(): readonly string[] {
    return this.#problems
  }

  get lookedMs(): number | undefined {
    return this.#lookedMs
  }

  /** One look at everything. Rejects with what the store throws; what a processor does not answer is left for the next look. */
  async round(signal: AbortSignal): Promise<void> {
    const { store, clock, leaseMs, holder, metrics } = this.#options
    const nowMs = clock()
    const fence = await store.leases.acquire(LEASE, holder, nowMs, leaseMs)
    if (fence === undefined) {
      metrics.rounds.inc({ outcome: 'elsewhere' })
      this.#forget()
      this.#looked = []
      this.#problems = []
      return
    }
    if (fence !== this.#fence) this.#forget()
    this.#fence = fence
    try {
      const outcome = await this.#look(nowMs, fence, signal)
      metrics.rounds.inc({ outcome })
    } catch (error) {
      // What was decided is not stored: it is decided again from what is.
      this.#forget()
      metrics.rounds.inc({ outcome: 'failed' })
      throw error
    }
  }

  /** Lets another replica tune at once. The lease is held after a look that failed, too. */
  async release(): Promise<void> {
    const { store, holder } = this.#options
    await store.leases.release(LEASE, holder)
  }

  #forget(): void {
    this.#tuner = undefined
    this.#fence = undefined
    this.#scores.clear()
  }

  async #look(nowMs: number, fence: number, signal: AbortSignal): Promise<'done' | 'frozen'> {
    const { store, metrics, log } = this.#options
    const problems: string[] = []
    const roster = await this.#roster(problems, signal)
    const states = await keptStates(store.tuner, log)
    const freezes = [...(await store.tuner.freezes())]
    const known = await gather(
      {
        store,
        scores: this.#scores,
        memoryMs: this.#options.memoryMs,
        mostEntities: this.#options.mostEntities,
        left: (reason, count) => metrics.left.inc({ reason }, count),
      },
      roster,
      nowMs,
      signal,
    )
    const all = freezes.find(({ stream }) => stream === undefined)
    metrics.frozen.set(all === undefined ? 0 : 1)
    await this.#settle(states, roster, nowMs, fence, signal)
    await this.#reconcile(states, roster, freezes, nowMs, fence)
    const tuner = this.#tuner ?? (await keptTuner(store.tuner, this.#options.tuner, log))
    this.#tuner = tuner
    for (const { history, fresh } of known) if (fresh.length > 0) tuner.observe(history.entity, fresh)
    if (all === undefined) {
      await this.#decide(tuner, known, states, freezes, nowMs, fence, signal)
      await this.#settle(states, roster, nowMs, fence, signal)
    }
    this.#looked = known.map((one) => this.#view(one, states, freezes))
    this.#problems = problems
    this.#lookedMs = nowMs
    metrics.entities.set(known.length)
    metrics.pending.set([...states.values()].filter(({ pending }) => pending !== null).length)
    return all === undefined ? 'done' : 'frozen'
  }

  async #roster(problems: string[], signal: AbortSignal): Promise<Map<string, Place>> {
    const { mostEntities } = this.#options
    const roster = new Map<string, Place>()
    for (const [processor, holders] of this.#holders) {
      try {
        await holders.refresh(signal)
        // The one that was configured first has an entity that several score.
        for (const [key, place] of await rosterOf(processor, 20 * mostEntities, signal))
          if (!roster.has(key)) roster.set(key, place)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof ProcessorError)) throw error
        problems.push(
          `the processor at ${processor.url} does not answer (${error.message}): its thresholds stay as they are`,
        )
      }
    }
    return roster
  }

  /** Tells processors of steps that are stored, and stores what came of it. */
  async #settle(
    states: Map<string, EntityState>,
    roster: ReadonlyMap<string, Place>,
    nowMs: number,
    fence: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, metrics, log } = this.#options
    for (const [key, state] of states) {
      const { pending } = state
      const place = roster.get(key)
      if (pending === null || place === undefined) continue
      const step = await store.tuner.step(pending.stepId)
      // Asked anew for each: an operator who freezes while others are told expects that nothing moves from then on.
      const frozen = freezeOf(await store.tuner.freezes(), place)
      const came =
        step === undefined
          ? ({ kind: 'refused', why: 'it is no longer stored' } as const)
          : frozen !== undefined
            ? await this.#withheld(place, step, pending.ifVersion, signal)
            : await deliverStep(place.processor, step, pending.ifVersion, signal)
      if (came.kind === 'unknown') continue
      const applied = came.kind === 'applied'
      const after: EntityState = {
        ...state,
        pending: null,
        record: applied ? state.record : unmade(state.record, pending.before),
      }
      const undone = applied ? await this.#undone(pending.undoes) : undefined
      const told: TunerStep | undefined = step && {
        ...step,
        ...(applied
          ? { outcome: 'applied' as const, version: came.version }
          : { outcome: 'refused' as const, text: `${step.text} Not made: ${came.why}.` }),
      }
      await this.#store(
        [[place, after]],
        [undone, told].filter((one) => one !== undefined),
        [auditOf(nowMs, applied ? 'threshold.stepped' : 'step.refused', place, told)],
        nowMs,
        fence,
      )
      states.set(key, after)
      if (undone !== undefined) metrics.steps.inc({ outcome: undone.outcome, action: undone.action })
      if (told !== undefined) {
        metrics.steps.inc({ outcome: told.outcome, action: told.action })
        log.info({ stream: place.stream, entity: place.entityId, outcome: told.outcome }, told.text)
      }
    }
    for (const holders of this.#holders.values())
      await holders.refresh(signal).catch((error: unknown) => {
        if (!(error instanceof ProcessorError)) throw error
      })
  }

  /** A step that was taken back, as it is to be stored once that is in effect; until then it holds. */
  async #undone(id: string | undefined): Promise<TunerStep | undefined> {
    const step = id === undefined ? undefined : await this.#options.store.tuner.step(id)
    return step && { ...step, outcome: 'rolled_back' }
  }

  /** Of a step that was frozen on its way: whether the processor has it all the same. Nothing is set. */
  async #withheld(place: Place, step: TunerStep, ifVersion: number, signal: AbortSignal) {
    const { threshold } = this.#held(place)
    if (threshold?.source === 'tuner' && threshold.version > ifVersion && threshold.value === step.to)
      return { kind: 'applied', version: threshold.version } as const
    signal.throwIfAborted()
    return { kind: 'refused', why: 'it was frozen before it was in effect' } as const
  }

  async #reconcile(
    states: Map<string, EntityState>,
    roster: ReadonlyMap<string, Place>,
    freezes: Freeze[],
    nowMs: number,
    fence: number,
  ): Promise<void> {
    const { store } = this.#options
    const changed: [Place, EntityState][] = []
    for (const [key, place] of roster) {
      const before = states.get(key)
      const held = this.#held(place)
      if (before === undefined && held.threshold === null && held.rolledBack === 0) continue
      const { state, rolledBack } = reconciled(before ?? NEW_ENTITY, held)
      if (rolledBack) {
        const freeze: Freeze = {
          stream: place.stream,
          entityId: place.entityId,
          reason: 'an operator took a change of its threshold back; unfreeze it to let the tuner go on',
          by: held.latest?.by ?? 'operator',
          sinceMs: nowMs,
        }
        await store.tuner.freeze(freeze, [
          {
            atMs: nowMs,
            actor: 'tuner',
            action: 'tuner.frozen',
            subject: subjectOf(place),
            detail: { reason: freeze.reason },
          },
        ])
        freezes.push(freeze)
      }
      if (state === before) continue
      states.set(key, state)
      changed.push([place, state])
    }
    if (changed.length > 0) await this.#store(changed, [], [], nowMs, fence)
  }

  async #decide(
    tuner: Tuner,
    known: readonly Known[],
    states: Map<string, EntityState>,
    freezes: readonly Freeze[],
    nowMs: number,
    fence: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#options
    const burns = new Map<Processor, Map<string, number>>()
    for (const processor of new Set(known.map(({ place }) => place.processor)))
      burns.set(processor, await readBurns(processor, signal))
    const cases = known.map(({ place, history }): Case => {
      const { record, pending } = stateOf(states, place)
      const still = pending !== null || freezeOf(freezes, place) !== undefined
      return {
        history,
        // To the tuner a threshold that must not move now is one that an operator set.
        record: still ? { ...record, override: thresholdOf(record, history) } : record,
        burn: burns.get(place.processor)?.get(place.service ?? '') ?? 0,
      }
    })
    const { records, steps } = tuner.tick({ nowMinute: nowMs / MINUTE_MS, cases })
    const changed: [Place, EntityState][] = []
    const told: TunerStep[] = []
    const audit: AuditLine[] = []
    for (const [at, { place }] of known.entries()) {
      const before = stateOf(states, place)
      const record = records[at]
      if (record === undefined || record === cases[at]?.record) continue
      let state: EntityState = { ...before, record }
      for (const step of steps.filter(
        ({ entity }) => entity.stream === place.stream && entity.id === place.entityId,
      )) {
        const one = await this.#told(step)
        told.push(one)
        if (one.outcome !== 'pending') {
          if (step.seen === null)
            this.#options.metrics.steps.inc({ outcome: one.outcome, action: one.action })
          continue
        }
        state = {
          ...state,
          pending: {
            stepId: one.id,
            ifVersion: this.#held(place).threshold?.version ?? 0,
            ...(step.kind === 'rolled_back'
              ? rollbackOf(before.record)
              : { before: { tuned: before.record.tuned } }),
          },
        }
        audit.push(auditOf(nowMs, 'step.decided', place, one))
      }
      changed.push([place, state])
      states.set(placeKey(place.stream, place.entityId), state)
    }
    if (changed.length === 0 && told.length === 0) return
    await store.tuner.change(
      {
        states: [
          ...changed.map(([place, state]) => entityRow(place, state, nowMs)),
          policyRow(tuner, this.#options.tuner, nowMs),
        ],
        steps: told,
        audit,
      },
      { name: LEASE, fence },
    )
  }

  /** As it is to be stored: a step that is told once more keeps what came of it. */
  async #told(step: Step): Promise<TunerStep> {
    const { kind } = step
    if (kind === 'made' && step.seen !== null) {
      const fresh = toldStep(step, 'applied', null)
      const kept = await this.#options.store.tuner.step(fresh.id)
      return kept === undefined ? fresh : { ...kept, seen: fresh.seen }
    }
    const outcome = kind === 'made' || kind === 'rolled_back' ? 'pending' : kind
    return toldStep(step, outcome, null)
  }

  #store(
    changed: readonly (readonly [Place, EntityState])[],
    steps: readonly TunerStep[],
    audit: readonly AuditLine[],
    nowMs: number,
    fence: number,
  ): Promise<void> {
    const states = changed.map(([place, state]) => entityRow(place, state, nowMs))
    return this.#options.store.tuner.change({ states, steps, audit }, { name: LEASE, fence })
  }

  #held({ processor, stream, entityId }: Place) {
    const holders = this.#holders.get(processor)
    if (holders === undefined) throw new Error(`${processor.url} is not configured`)
    return holders.held(stream, entityId)
  }

  #view(known: Known, states: ReadonlyMap<string, EntityState>, freezes: readonly Freeze[]): Looked {
    const { threshold } = this.#held(known.place)
    return {
      ...known,
      state: stateOf(states, known.place),
      threshold: threshold?.value ?? known.place.initial,
      heldBy: threshold?.source ?? 'initial',
      frozen: freezeOf(freezes, known.place) !== undefined,
    }
  }
}

const stateOf = (states: ReadonlyMap<string, EntityState>, { stream, entityId }: Place): EntityState =>
  states.get(placeKey(stream, entityId)) ?? NEW_ENTITY

/** A record as it is when the step under way cannot be made. */
const unmade = (
  record: EntityState['record'],
  { tuned, open = null, held = record.held }: NonNullable<EntityState['pending']>['before'],
): EntityState['record'] => ({ ...record, tuned, open, held })

/** Of a rollback on its way: when it cannot be made, the step that it was to take back is in effect and to be judged again. */
function rollbackOf({ tuned, open, held }: EntityState['record']) {
  return { before: { tuned, open, held }, ...(open && { undoes: toldStep(open, 'applied', null).id }) }
}

const subjectOf = ({ stream, entityId }: Place) => `${stream} ${entityId}`

const auditOf = (atMs: number, action: string, place: Place, step: TunerStep | undefined): AuditLine => ({
  atMs,
  actor: 'tuner',
  action,
  subject: subjectOf(place),
  detail:
    step === undefined
      ? {}
      : { step: step.id, from: step.from, to: step.to, text: step.text, version: step.version },
})

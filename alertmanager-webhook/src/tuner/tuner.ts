import { BOUNDS, type BoundOptions, boundsOf, within } from './bounds.ts'
import type { Entity } from './entity.ts'
import type { Peak } from './episode.ts'
import { type Outlook, Reader, type ReaderOptions } from './evidence/reader.ts'
import { CADENCE, type CadenceOptions, checkCadence, due, verdictsOfLaterMinutes } from './guard/cadence.ts'
import { type TuningRecord, thresholdOf } from './guard/record.ts'
import { judgeStep, ROLLBACK, type RollbackOptions } from './guard/rollback.ts'
import { shadowReplay } from './guard/shadow-replay.ts'
import type { History } from './history.ts'
import { createPolicy, type PolicyOptions } from './policies.ts'
import { directionOf } from './policy/situation.ts'
import type { Json, PolicyName, Proposal, ThresholdPolicy } from './policy.ts'
import { sentenceOf } from './sentence.ts'
import { DOUBLING, nearlySame, rounded } from './severity.ts'
import type { Effect, Refusal, Step, StepKind } from './step.ts'
import { checkNumber } from './tuner-error.ts'

export interface TunerOptions extends PolicyOptions, ReaderOptions {
  readonly policy?: PolicyName
  readonly bounds?: BoundOptions
  /** Of a threshold in one step. */
  readonly step?: number
  readonly cadence?: CadenceOptions
  readonly rollback?: RollbackOptions
  /** Probability that the cost falls that a step needs. */
  readonly confidence?: number
  /** No threshold is moved, not even back. */
  readonly frozen?: boolean
  /** Steps are told and not made. */
  readonly dryRun?: boolean
}

/** One entity, as it is stored. */
export interface Case {
  readonly history: History
  readonly record: TuningRecord
  /** How many times too fast its error budget burns; 0 without an SLO. */
  readonly burn: number
}

export interface Tick {
  /** As the cases; what is new is to be stored with the steps. */
  readonly records: readonly TuningRecord[]
  readonly steps: readonly Step[]
}

const CONFIDENCE = 0.6
/** What it needs to go under the untuned threshold: there, hardly anything is ever judged. */
const BELOW = 0.9

/**
 * A policy with guardrails around it. What is stored comes as arguments and goes as results, so that nothing is lost when the process ends
 * between two ticks: a tick that is repeated from the same state makes the same steps.
 *
 * It moves thresholds of learned scores alone: fixed limits and burn-rate alerts have none, and nothing here can silence them.
 */
export class Tuner {
  readonly #policy: ThresholdPolicy
  readonly #reader: Reader
  readonly #bounds: BoundOptions
  readonly #step: number
  readonly #cadence: CadenceOptions
  readonly #rollback: RollbackOptions
  readonly #confidence: number
  readonly #frozen: boolean
  readonly #dryRun: boolean

  /** @param saved what `save` gave @throws TunerError for options out of range, or state that the policy did not write */
  constructor(options: TunerOptions = {}, saved?: Json) {
    this.#bounds = options.bounds ?? BOUNDS
    this.#step = options.step ?? DOUBLING
    this.#cadence = options.cadence ?? CADENCE
    this.#rollback = options.rollback ?? ROLLBACK
    this.#confidence = options.confidence ?? CONFIDENCE
    this.#frozen = options.frozen ?? false
    this.#dryRun = options.dryRun ?? false
    checkNumber('step', this.#step, 0.01, 1)
    checkNumber('confidence', this.#confidence, 0, 1)
    checkCadence(this.#cadence)
    this.#reader = new Reader(options)
    this.#policy = createPolicy(options.policy ?? 'q-learning', options, this.#bounds, this.#reader, saved)
  }

  /** Severities without labels, ascending; minutes that it already had change nothing. @throws TunerError */
  observe(entity: Entity, peaks: readonly Peak[]): void {
    this.#policy.observe(entity, peaks)
  }

  /** The policy's state. */
  save(): Json {
    return this.#policy.save()
  }

  /**
   * Looks at every entity once.
   *
   * @param nowMinute with the fraction of the minute that has passed: it tells verdicts of the same minute apart, and nothing else
   * @param cases all that there are: entities learn from those of their kind
   * @throws TunerError
   */
  tick({ nowMinute, cases }: { readonly nowMinute: number; readonly cases: readonly Case[] }): Tick {
    const kinds = Map.groupBy(
      cases.map(({ history }) => history),
      ({ entity }) => entity.kind,
    )
    const steps: Step[] = []
    const records = cases.map((one) => {
      const company = kinds.get(one.history.entity.kind) ?? []
      const looked = this.#look(one, company, nowMinute)
      steps.push(...looked.steps)
      return looked.record
    })
    return { records, steps }
  }

  #look(one: Case, company: readonly History[], now: number): { record: TuningRecord; steps: Step[] } {
    const { history, record } = one
    const nowMinute = Math.floor(now)
    if (this.#frozen || record.override !== null) return { record, steps: [] }
    const judged = this.#judge(one, company, nowMinute)
    if (judged.steps.some(({ kind }) => kind === 'rolled_back'))
      return { ...judged, record: { ...judged.record, lastMinute: now } }
    if (!due(history, judged.record.lastMinute, now, this.#cadence)) return judged
    const decided = this.#decide({ ...one, record: judged.record }, company, nowMinute)
    return { record: { ...decided.record, lastMinute: now }, steps: [...judged.steps, ...decided.steps] }
  }

  /** Whether the latest step came to what was expected of it; undone where it did worse. */
  #judge({ history, record, burn }: Case, company: readonly History[], nowMinute: number) {
    const { open } = record
    if (open === null) return { record, steps: [] }
    const { afterHours, afterVerdicts, holdDays } = this.#rollback
    const waited = nowMinute - open.atMinute >= 60 * afterHours
    if (!waited && verdictsOfLaterMinutes(history, open.atMinute) < afterVerdicts)
      return { record, steps: [] }
    const outlook = this.#reader.outlook(history, company, nowMinute, burn, open.atMinute)
    const { seen, worse } = judgeStep(outlook, open, this.#rollback)
    const told: Step = { ...open, seen }
    if (!worse) return { record: { ...record, open: null }, steps: [told] }
    const action = open.action === 'down' ? 'down' : 'up'
    const undone = this.#told(
      history,
      nowMinute,
      'rolled_back',
      open.to,
      open.from,
      open.from,
      open.state,
      null,
      open.expected,
      seen,
    )
    const held = { action, untilMinute: nowMinute + 1440 * holdDays } as const
    return {
      record: { ...record, tuned: open.from, open: null, held },
      steps: [told, undone],
    }
  }

  #decide({ history, record, burn }: Case, company: readonly History[], nowMinute: number) {
    const threshold = thresholdOf(record, history)
    const proposal = this.#policy.propose({ history, threshold, nowMinute, company, burn })
    const wanted = within(proposal.threshold, boundsOf(history.initial, this.#bounds))
    const way = directionOf(threshold, wanted)
    if (way === 'none' || nearlySame(threshold, wanted)) return { record, steps: [] }
    const to = rounded(
      way === 'up' ? Math.min(wanted, threshold + this.#step) : Math.max(wanted, threshold - this.#step),
    )
    const outlook = this.#reader.outlook(history, company, nowMinute, burn)
    const { effect, refusal } = this.#replay(
      record,
      outlook,
      threshold,
      wanted,
      history.initial,
      way,
      nowMinute,
    )
    const kind = refusal !== null ? 'refused' : this.#dryRun ? 'dry_run' : 'made'
    const step = this.#told(
      history,
      nowMinute,
      kind,
      threshold,
      to,
      wanted,
      proposal.state,
      refusal,
      effect,
      null,
    )
    return { record: kind === 'made' ? { ...record, tuned: to, open: step } : record, steps: [step] }
  }

  #replay(
    { held }: TuningRecord,
    outlook: Outlook,
    from: number,
    wanted: number,
    initial: number,
    way: Proposal['action'],
    nowMinute: number,
  ) {
    const least = wanted < initial ? Math.max(this.#confidence, BELOW) : this.#confidence
    const replayed = shadowReplay(outlook, from, wanted, least)
    const back = held !== null && held.action === way && nowMinute < held.untilMinute
    return back ? { ...replayed, refusal: 'held_back' as const } : replayed
  }

  #told(
    { entity }: History,
    atMinute: number,
    kind: StepKind,
    from: number,
    to: number,
    wanted: number,
    state: string,
    refusal: Refusal | null,
    expected: Effect,
    seen: Effect | null,
  ): Step {
    const action = directionOf(from, to)
    const step = {
      entity,
      atMinute,
      kind,
      policy: this.#policy.name,
      from,
      to,
      wanted,
      action,
      state,
      refusal,
      expected,
      seen,
    }
    return { ...step, sentence: sentenceOf(step) }
  }
}

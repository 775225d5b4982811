import { BOUNDS, type BoundOptions, boundsOf, within } from '../../bounds.ts'
import { type Entity, entityKey } from '../../entity.ts'
import { checkPeak, type Peak } from '../../episode.ts'
import { costAt } from '../../evidence/curve.ts'
import { Reader } from '../../evidence/reader.ts'
import type { Action, Json, Proposal, Situation, ThresholdPolicy } from '../../policy.ts'
import { DOUBLING } from '../../severity.ts'
import { checkNumber, TunerError } from '../../tuner-error.ts'
import { MOST_ENTITIES } from '../entity-states.ts'
import { rngFor } from '../random.ts'
import { checkSituation } from '../situation.ts'
import { type Kind, type Pending, readKinds, saveKinds } from './saved.ts'
import { ACTIONS, stateOf } from './state.ts'
import { QTable } from './table.ts'
import { type Learning, rewardOf, warmStart } from './warm-start.ts'

export interface QLearningOptions {
  readonly learningRate: number
  /** Share of decisions that try an action at random; guardrails hold for them as for any. */
  readonly epsilon: number
  /** Weight of what comes after: at most 0.5, since a verdict tells of the step it is about. */
  readonly gamma: number
  readonly stepCost: number
  /** Standard deviations of the uncertainty of a change that count as cost. */
  readonly caution: number
  readonly seed: number
}

export const Q_LEARNING: QLearningOptions = {
  learningRate: 0.1,
  epsilon: 0.1,
  gamma: 0.5,
  stepCost: 0.005,
  caution: 0.25,
  seed: 1,
}

/** Verdicts of a kind from which on its table is taught by replay, and again whenever they have doubled. */
const REPLAY_FROM = 10

/**
 * Tabular Q-learning on the tail probability q of an entity: one step of log q up, down, or none, in twelve states (state.ts). All entities
 * of a kind share one table. The state sums up what stored peaks and verdicts say of the threshold of this entity (evidence/), by
 * empirical Bayes over the kind; the table learns what acting on it is worth there, first by replay (warm-start.ts), then from what came
 * of each step. The reward is the cost of the time since, beside what not moving would have cost in the same time.
 */
export class QLearningPolicy implements ThresholdPolicy {
  readonly name = 'q-learning'
  readonly #options: QLearningOptions
  readonly #bounds: BoundOptions
  readonly #reader: Reader
  readonly #kinds: Map<string, Kind>

  /** @throws TunerError */
  constructor(
    options: QLearningOptions = Q_LEARNING,
    bounds: BoundOptions = BOUNDS,
    reader: Reader = new Reader(),
    saved?: Json,
  ) {
    checkNumber('learning rate', options.learningRate, 1e-6, 1)
    checkNumber('epsilon', options.epsilon, 0, 1)
    checkNumber('gamma', options.gamma, 0, 0.5)
    checkNumber('cost of a step', options.stepCost, 0, 1)
    checkNumber('caution', options.caution, 0, 10)
    checkNumber('seed', options.seed, 0, Number.MAX_SAFE_INTEGER)
    this.#options = options
    this.#bounds = bounds
    this.#reader = reader
    const kinds = saved === undefined ? new Map<string, Kind>() : readKinds(saved)
    if (kinds === undefined)
      throw new TunerError(
        'invalid_state',
        'saved state holds no Q-tables: it was not written by q-learning; start without it',
      )
    this.#kinds = kinds
  }

  observe(_entity: Entity, peaks: readonly Peak[]): void {
    for (const peak of peaks) checkPeak(peak)
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    const { history, threshold: from, nowMinute, company, burn } = situation
    const kind = this.#kindOf(situation)
    const outlook = this.#reader.outlook(history, company, nowMinute, burn)
    const bounds = boundsOf(history.initial, this.#bounds)
    const { epsilon, seed, caution } = this.#options
    const state = stateOf(outlook, from, bounds, caution)
    const key = entityKey(history.entity)
    this.#learn(kind, situation, state.place)
    const rng = rngFor(seed, key, nowMinute)
    const explores = rng() < epsilon
    const action = explores ? ACTIONS[Math.floor(rng() * ACTIONS.length)]! : kind.table.best(state.place)
    const threshold = within(targetOf(action, from, state.target), bounds)
    if (action !== 'none')
      this.#remember(kind, key, { state: state.place, action, from, atMinute: nowMinute })
    return { threshold, action, state: explores ? `${state.name} (exploring)` : state.name }
  }

  save(): Json {
    return saveKinds(this.#kinds)
  }

  #kindOf({ history, company, nowMinute }: Situation): Kind {
    const name = history.entity.kind
    let kind = this.#kinds.get(name)
    if (kind === undefined) {
      kind = { table: new QTable(), replayed: 0, pending: new Map() }
      this.#kinds.set(name, kind)
      if (this.#kinds.size > MOST_ENTITIES) this.#kinds.delete(this.#kinds.keys().next().value ?? '')
    }
    const verdicts = verdictsOf(company)
    if (verdicts < Math.max(REPLAY_FROM, 2 * kind.replayed)) return kind
    kind.replayed = verdicts
    warmStart(kind.table, company, nowMinute, this.#reader, this.#bounds, this.#learning)
    return kind
  }

  /** A step that was not made, by a guardrail or an operator, teaches nothing. */
  #learn(kind: Kind, { history, threshold, company, nowMinute, burn }: Situation, state: number): void {
    const key = entityKey(history.entity)
    const pending = kind.pending.get(key)
    if (pending === undefined) return
    kind.pending.delete(key)
    const { from, action, atMinute } = pending
    const moved = action === 'up' ? threshold > from : threshold < from
    if (!moved || atMinute >= history.toMinute) return
    const { curve } = this.#reader.outlook(history, company, nowMinute, burn, atMinute)
    const reward = rewardOf(costAt(curve, threshold) - costAt(curve, from), this.#options.stepCost)
    const { learningRate, gamma } = this.#options
    kind.table.update(pending.state, action, reward, state, learningRate, gamma)
  }

  #remember(kind: Kind, key: string, pending: Pending): void {
    kind.pending.set(key, pending)
    if (kind.pending.size > MOST_ENTITIES) kind.pending.delete(kind.pending.keys().next().value ?? '')
  }

  get #learning(): Learning {
    const { learningRate: rate, gamma, stepCost, caution } = this.#options
    return { rate, gamma, stepCost, caution }
  }
}

/** Along the pull as far as it leads, so that what is replayed before the step is where it goes; against it one step. */
function targetOf(action: Action, from: number, target: number): number {
  if (action === 'none') return from
  const along = action === 'up' ? target > from : target < from
  return along ? target : from + (action === 'up' ? DOUBLING : -DOUBLING)
}

const verdictsOf = (company: Situation['company']): number =>
  company.reduce(
    (sum, { episodes }) => sum + episodes.reduce((own, { verdicts }) => own + verdicts.length, 0),
    0,
  )

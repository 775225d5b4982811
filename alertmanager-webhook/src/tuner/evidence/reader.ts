import { COST, type CostOptions, checkCost, DAY_MINUTES } from '../cost.ts'
import type { History, Judged } from '../history.ts'
import { beliefsOf } from './beliefs.ts'
import { type Curve, curveOf } from './curve.ts'
import { EVIDENCE, type EvidenceOptions, type Pool, poolOf } from './pool.ts'
import { PRIOR, type PriorOptions, priorOdds, usefulnessOf } from './usefulness.ts'

export interface ReaderOptions {
  readonly cost?: CostOptions
  readonly evidence?: EvidenceOptions
  readonly prior?: PriorOptions
}

/** What is believed of an entity, of a stretch of its history. */
export interface Outlook {
  /** Those that began within it. */
  readonly episodes: readonly Judged[]
  readonly curve: Curve
  readonly burning: boolean
  /** Whether anybody has judged this entity at all. */
  readonly judged: boolean
}

/** Shorter stretches of time count as so long: one alert in a minute is not a thousand a day. */
const SHORTEST_DAYS = 0.25

/** Makes of what is stored what is believed. What all entities of a kind say together is reckoned once for all of them. */
export class Reader {
  readonly cost: CostOptions
  readonly #evidence: EvidenceOptions
  readonly #prior: PriorOptions
  readonly #pools = new WeakMap<readonly History[], { readonly nowMinute: number; readonly pool: Pool }>()

  /** @throws TunerError for a cost that is no finite number from 0 */
  constructor({ cost = COST, evidence = EVIDENCE, prior = PRIOR }: ReaderOptions = {}) {
    checkCost(cost)
    this.cost = cost
    this.#evidence = evidence
    this.#prior = prior
  }

  /** @param fromMinute left out: all of the history for which peaks are stored */
  outlook(
    history: History,
    company: readonly History[],
    nowMinute: number,
    burn: number,
    fromMinute: number = history.fromMinute,
  ): Outlook {
    const pool = this.#pool(company, nowMinute)
    const episodes = history.episodes.filter(({ startMinute }) => startMinute >= fromMinute)
    const usefulness = usefulnessOf(history, pool, this.cost, this.#prior)
    const beliefs = beliefsOf(episodes, usefulness, pool, nowMinute, this.#evidence)
    const days = Math.max(SHORTEST_DAYS, (history.toMinute - fromMinute) / DAY_MINUTES)
    return {
      episodes,
      curve: curveOf(episodes, beliefs, fromMinute, days, this.cost, burn),
      burning: burn > 1,
      judged: history.episodes.some(({ verdicts }) => verdicts.length > 0),
    }
  }

  #pool(company: readonly History[], nowMinute: number): Pool {
    const known = this.#pools.get(company)
    if (known?.nowMinute === nowMinute) return known.pool
    const pool = poolOf(company, nowMinute, priorOdds(this.cost, this.#prior), this.#evidence)
    this.#pools.set(company, { nowMinute, pool })
    return pool
  }
}

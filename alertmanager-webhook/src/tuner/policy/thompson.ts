import { BOUNDS, type BoundOptions, boundsOf, within } from '../bounds.ts'
import { COST, type CostOptions, checkCost, missed, pagesOverBudget } from '../cost.ts'
import { type Entity, entityKey } from '../entity.ts'
import { checkPeak, type Peak } from '../episode.ts'
import type { Judged } from '../history.ts'
import type { Json, Proposal, Situation, ThresholdPolicy } from '../policy.ts'
import { DOUBLING, firingFrom, MOST } from '../severity.ts'
import { checkNumber } from '../tuner-error.ts'
import { beta, rngFor } from './random.ts'
import { checkSituation, directionOf } from './situation.ts'

export interface ThompsonOptions {
  readonly seed: number
  /** Verdicts that the start is worth in each bin: that an episode there is as often useful as makes an alert worth its cost. */
  readonly worth: number
  /** Width of a bin of severities. */
  readonly bin: number
  readonly cost: CostOptions
}

export const THOMPSON: ThompsonOptions = { seed: 1, worth: 2, bin: 2 * DOUBLING, cost: COST }

/**
 * Thompson sampling: draws for each bin of severities what share of its episodes is useful, from a beta distribution by the verdicts there, and
 * takes the threshold that would be cheapest if that were true. Explores by itself, each entity alone.
 *
 * Source: O. Chapelle, L. Li: An empirical evaluation of Thompson sampling (NeurIPS 2011), the arms being thresholds that share bins.
 */
export class ThompsonPolicy implements ThresholdPolicy {
  readonly name = 'thompson'
  readonly #options: ThompsonOptions
  readonly #bounds: BoundOptions

  /** @throws TunerError */
  constructor(options: ThompsonOptions = THOMPSON, bounds: BoundOptions = BOUNDS) {
    checkNumber('worth of the start', options.worth, 0.01, 1000)
    checkNumber('width of a bin', options.bin, 0.01, MOST)
    checkNumber('seed', options.seed, 0, Number.MAX_SAFE_INTEGER)
    checkCost(options.cost)
    this.#options = options
    this.#bounds = bounds
  }

  observe(_entity: Entity, peaks: readonly Peak[]): void {
    for (const peak of peaks) checkPeak(peak)
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    const { history, threshold: from, nowMinute, burn } = situation
    const { seed, cost, bin } = this.#options
    const bounds = boundsOf(history.initial, this.#bounds)
    if (!history.episodes.some(({ verdicts }) => verdicts.length > 0))
      return { threshold: within(from, bounds), action: 'none', state: '' }
    const rng = rngFor(seed, entityKey(history.entity), nowMinute)
    const shares = this.#draw(history.episodes, history.initial, rng)
    const recent = history.episodes.filter(({ startMinute }) => startMinute >= history.fromMinute)
    const pages = pagesOverBudget(recent, history.fromMinute, cost.pagesPerDay)
    let best = { threshold: from, cost: Number.POSITIVE_INFINITY }
    for (let at = bounds.low; at <= bounds.high + 1e-9; at += DOUBLING) {
      let sum = cost.page * pages[firingFrom(at)]!
      for (const { peak } of recent) {
        const useful = shares[Math.floor(peak / bin)]!
        sum += peak >= at ? cost.falsePositive * (1 - useful) : missed(peak, cost, burn) * useful
      }
      if (sum < best.cost - 1e-9) best = { threshold: at, cost: sum }
    }
    const threshold = within(best.threshold, bounds)
    return { threshold, action: directionOf(from, threshold), state: '' }
  }

  save(): Json {
    return null
  }

  #draw(episodes: readonly Judged[], initial: number, rng: () => number): Float64Array {
    const { worth, bin, cost } = this.#options
    const balance = cost.falsePositive / (cost.falsePositive + missed(initial, cost, 0))
    const bins = Math.floor(MOST / bin) + 1
    const useful = new Float64Array(bins).fill(worth * balance)
    const noise = new Float64Array(bins).fill(worth * (1 - balance))
    for (const { peak, verdicts } of episodes)
      for (const { value, weight } of verdicts)
        (value === 'true_positive' ? useful : noise)[Math.floor(peak / bin)]! += weight
    return useful.map((a, i) => beta(rng, a, noise[i]!))
  }
}

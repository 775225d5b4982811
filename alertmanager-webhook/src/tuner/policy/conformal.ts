import { BOUNDS, type BoundOptions, boundsOf, within } from '../bounds.ts'
import type { Entity } from '../entity.ts'
import type { Peak } from '../episode.ts'
import type { Json, Proposal, Situation, ThresholdPolicy } from '../policy.ts'
import { LEVELS, levelOf, MOST, severityOf } from '../severity.ts'
import { checkNumber } from '../tuner-error.ts'
import { EntityStates, numbersOf } from './entity-states.ts'
import { checkSituation, directionOf } from './situation.ts'

export interface ConformalOptions {
  /** Share of minutes that may be over the threshold. */
  readonly alpha: number
  /** Step of α_t at each minute. */
  readonly gamma: number
  /** Latest minutes that the quantile is of. */
  readonly window: number
}

/** Three minutes a day; γ in about the proportion to it that is usual. The published share of 0.1 would be an alert every ten minutes. */
export const CONFORMAL: ConformalOptions = { alpha: 0.002, gamma: 0.0005, window: 1440 }

/** Levels of the latest minutes; α_t. */
type Coverage = {
  readonly recent: readonly number[]
  readonly alpha: number
  readonly threshold: number | null
}

/**
 * Adaptive conformal inference: the threshold is the quantile 1 − α_t of the latest scores, and α_t follows what came of it,
 * α_(t+1) = α_t + γ(α − err_t), so that in the long run a share of α of the minutes is over it however the scores drift. Knows no verdicts.
 *
 * Source: I. Gibbs, E. Candès: Adaptive conformal inference under distribution shift (NeurIPS 2021), equation 2.
 */
export class ConformalPolicy implements ThresholdPolicy {
  readonly name = 'conformal'
  readonly #options: ConformalOptions
  readonly #bounds: BoundOptions
  readonly #states: EntityStates<Coverage>

  /** @throws TunerError */
  constructor(options: ConformalOptions = CONFORMAL, bounds: BoundOptions = BOUNDS, saved?: Json) {
    checkNumber('alpha', options.alpha, 1e-6, 0.5)
    checkNumber('gamma', options.gamma, 0, 1)
    checkNumber('window', options.window, 10, 100_000)
    this.#options = options
    this.#bounds = bounds
    this.#states = new EntityStates(() => ({ recent: [], alpha: options.alpha, threshold: null }))
    if (saved !== undefined) this.#states.load(saved, read)
  }

  observe(entity: Entity, peaks: readonly Peak[]): void {
    const { alpha, gamma, window } = this.#options
    this.#states.observe(entity, peaks, (state, severities) => {
      const recent = [...state.recent]
      const counts = new Int32Array(LEVELS)
      for (const level of recent) counts[level]!++
      let from = 0
      let next = state.alpha
      let threshold = state.threshold
      for (const severity of severities) {
        const level = levelOf(severity)
        if (threshold !== null) {
          next += gamma * (alpha - (severityOf(level) > threshold ? 1 : 0))
          counts[recent[from]!]!--
          from++
        }
        recent.push(level)
        counts[level]!++
        if (recent.length - from >= window) threshold = quantile(counts, window, 1 - next)
      }
      return { recent: recent.slice(from), alpha: next, threshold }
    })
  }

  propose(situation: Situation): Proposal {
    checkSituation(situation)
    const { history, threshold: from } = situation
    const wanted = this.#states.get(history.entity)?.threshold ?? history.initial
    const threshold = within(wanted, boundsOf(history.initial, this.#bounds))
    return { threshold, action: directionOf(from, threshold), state: '' }
  }

  save(): Json {
    return this.#states.save()
  }
}

/** Beyond everything for a share over 1, as it is when α_t fell under 0. */
function quantile(counts: Int32Array, total: number, share: number): number {
  if (share >= 1) return MOST
  let below = 0
  for (let level = 0; level < LEVELS; level++) {
    below += counts[level]!
    if (below >= share * total) return severityOf(level)
  }
  return MOST
}

function read(saved: Json): Coverage | undefined {
  if (saved === null || typeof saved !== 'object' || Array.isArray(saved)) return undefined
  const { recent, alpha, threshold } = { ...saved } as Readonly<Record<string, Json | undefined>>
  const levels = numbersOf(recent)
  if (levels?.every((level) => Number.isInteger(level) && level >= 0 && level < LEVELS) !== true)
    return undefined
  if (typeof alpha !== 'number' || (threshold !== null && typeof threshold !== 'number')) return undefined
  return { recent: levels, alpha, threshold }
}

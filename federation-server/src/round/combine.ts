import type { Rng } from '@adf/detectors'
import type { Aggregator, ClientUpdate, LeftOut } from '../aggregate/aggregator.ts'
import type {
  OptimiserState,
  OptimiserStep,
  ServerOptimiser,
} from '../aggregate/optimiser/server-optimiser.ts'
import { weightedMean } from '../vector/vector.ts'
import { countsTrusted, faultyOf } from './rule-of.ts'
import type { AggregationSettings } from './rules.ts'
import type { Submitted } from './submitted.ts'

export interface CombineOptions {
  readonly settings: AggregationSettings
  readonly aggregator: Aggregator
  readonly optimiser: ServerOptimiser
  /** undefined: of a run that begins. */
  readonly state: OptimiserState | undefined
  /** What earlier rounds made, before it was quantised for clients. */
  readonly weights: Float32Array
  readonly base: number
  readonly stalenessLimit: number
  readonly rng: Rng
}

export interface Combined extends OptimiserStep {
  readonly leftOut: readonly LeftOut[]
  readonly faulty: number
}

/**
 * The next weights, of the updates that were judged to count. Pure; the same bits in whatever order they come.
 *
 * @throws AggregationError when the rule cannot protect a round of so many; RangeError when the weights would not be finite
 */
export function combine(updates: readonly Submitted[], options: CombineOptions): Combined {
  const { settings, aggregator, optimiser, weights, base, stalenessLimit, rng } = options
  const others = updates.filter(({ trusted }) => !trusted)
  const counted = (countsTrusted(settings) ? updates : others).flatMap((update) =>
    counting(update, base, stalenessLimit),
  )
  const root = rootOf(updates)
  const faulty = faultyOf(settings, aggregator, others.length)
  const { update, leftOut } = aggregator.aggregate({
    updates: counted,
    weights,
    faulty,
    rng,
    ...(root !== undefined && { root }),
  })
  const step = optimiser.step(weights, update, options.state ?? optimiser.begin(weights.length))
  return { ...step, leftOut, faulty }
}

function counting(update: Submitted, base: number, stalenessLimit: number): ClientUpdate[] {
  const { clientId, values, samples, sampleCap } = update
  if (values === undefined) return []
  const staleness = Math.max(0, Math.min(base - update.base, stalenessLimit))
  return [{ clientId, values, samples, sampleCap, staleness }]
}

/** The mean of the trusted clients' updates; undefined without one. */
function rootOf(updates: readonly Submitted[]): Float64Array | undefined {
  const trusted = updates
    .filter((update) => update.trusted)
    .toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1))
    .flatMap(({ values }) => (values === undefined ? [] : [values]))
  const [first] = trusted
  if (first === undefined) return undefined
  return weightedMean(
    trusted,
    trusted.map(() => 1),
  )
}

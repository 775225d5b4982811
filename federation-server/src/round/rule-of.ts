import type { Aggregator, PreStep } from '../aggregate/aggregator.ts'
import { Bulyan } from '../aggregate/bulyan.ts'
import { ClippedMean } from '../aggregate/clipped-mean.ts'
import { CoordinateMedian } from '../aggregate/coordinate-median.ts'
import { FedAvg } from '../aggregate/fed-avg.ts'
import { FlTrust } from '../aggregate/fl-trust.ts'
import { GeometricMedian } from '../aggregate/geometric-median.ts'
import { Krum } from '../aggregate/krum.ts'
import { MOST_MIXED, NearestNeighbourMixing } from '../aggregate/nearest-neighbour-mixing.ts'
import { NormClipping } from '../aggregate/norm-clipping.ts'
import { Adam } from '../aggregate/optimiser/adam.ts'
import { Momentum } from '../aggregate/optimiser/momentum.ts'
import { PlainStep } from '../aggregate/optimiser/plain-step.ts'
import type { ServerOptimiser } from '../aggregate/optimiser/server-optimiser.ts'
import { Pipeline } from '../aggregate/pipeline.ts'
import { Staleness } from '../aggregate/staleness.ts'
import { TrimmedMean } from '../aggregate/trimmed-mean.ts'
import { UpTo } from '../aggregate/up-to.ts'
import type { AggregationSettings, OptimiserSettings } from './rules.ts'

const rules: Readonly<Record<AggregationSettings['rule'], () => Aggregator>> = {
  fed_avg: () => new FedAvg(),
  clipped_mean: () => new ClippedMean('adaptive'),
  coordinate_median: () => new CoordinateMedian(),
  trimmed_mean: () => new TrimmedMean(),
  geometric_median: () => new GeometricMedian(),
  krum: () => new Krum('krum'),
  multi_krum: () => new Krum('multi_krum'),
  bulyan: () => new Bulyan(),
  fl_trust: () => new FlTrust(),
}
const preSteps: Readonly<Record<AggregationSettings['pre_steps'][number], () => PreStep>> = {
  norm_clipping: () => new NormClipping('adaptive'),
  nearest_neighbour_mixing: () => new UpTo(MOST_MIXED, new NearestNeighbourMixing()),
}
/** @param stalenessLimit versions that an update may be behind */
export function aggregatorOf(settings: AggregationSettings, stalenessLimit: number): Aggregator {
  const steps = settings.pre_steps.map((name) => preSteps[name]())
  return new Pipeline([new Staleness(stalenessLimit), ...steps], rules[settings.rule]())
}

export function optimiserOf({ kind, rate, beta }: OptimiserSettings): ServerOptimiser {
  if (kind === 'plain') return new PlainStep(rate ?? 1)
  if (kind === 'momentum') return new Momentum(rate ?? 1, beta)
  return new Adam({ rate: rate ?? 1e-3, beta1: beta })
}

/** Whether updates of trusted clients count like others', or are only what others are measured by. */
export const countsTrusted = ({ rule }: AggregationSettings): boolean => rule !== 'fl_trust'

/** f of a round of so many updates. */
export function faultyOf(settings: AggregationSettings, aggregator: Aggregator, updates: number): number {
  if (settings.faulty !== 'auto') return settings.faulty
  let faulty = Math.floor(0.3 * updates)
  while (faulty > 0 && aggregator.fewest(faulty) > updates) faulty--
  return faulty
}

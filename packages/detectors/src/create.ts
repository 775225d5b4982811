import type { Detector } from './detector.ts'
import { DynamicPcaDetector, type DynamicPcaOptions } from './dynamic-pca/dynamic-pca.ts'
import { EnsembleDetector } from './ensemble/ensemble.ts'
import { EwmaDetector, type EwmaOptions } from './ewma/ewma.ts'
import type { Feature } from './feature.ts'
import { ForecastDetector, type ForecastOptions } from './forecast/forecast.ts'
import { HalfSpaceTreesDetector, type HalfSpaceTreesOptions } from './half-space-trees/half-space-trees.ts'
import { HbosDetector, type HbosOptions } from './hbos/hbos.ts'
import { InnovationDetector, type InnovationOptions } from './innovation/innovation.ts'
import { IsolationForestDetector, type IsolationForestOptions } from './isolation-forest/isolation-forest.ts'
import { KMeansDetector, type KMeansOptions } from './k-means/k-means.ts'
import { LofDetector, type LofOptions } from './lof/lof.ts'
import { MajorityDetector } from './majority/majority.ts'
import { NetworkDetector, type NetworkOptions } from './network/network.ts'
import type { Weights } from './network/weights.ts'
import { NoveltyDetector, type NoveltyOptions } from './novelty/novelty.ts'
import { PcaDetector, type PcaOptions } from './pca/pca.ts'
import { PercentileDetector, type PercentileOptions } from './percentile/percentile.ts'
import { RegressionDetector, type RegressionOptions } from './regression/regression.ts'
import { RobustDetector, type RobustOptions } from './robust/robust.ts'
import { SeasonalDetector, type SeasonalOptions } from './seasonal/seasonal.ts'
import { Standardiser } from './standardiser/standardiser.ts'
import { Room } from './statistics/room.ts'
import { SubsequencePcaDetector, type SubsequencePcaOptions } from './subsequence-pca/subsequence-pca.ts'
import { StretchDetector, type StretchOptions } from './type/stretch.ts'

/** A detector with its options, as plain data that can be sent to a worker. */
export type DetectorSpec =
  | ({ readonly kind: 'robust' } & RobustOptions)
  | ({ readonly kind: 'ewma' } & EwmaOptions)
  | ({ readonly kind: 'innovation' } & InnovationOptions)
  | ({ readonly kind: 'regression' } & RegressionOptions)
  | ({ readonly kind: 'seasonal' } & SeasonalOptions)
  | ({ readonly kind: 'percentile' } & PercentileOptions)
  | ({ readonly kind: 'isolation-forest' } & IsolationForestOptions)
  | ({ readonly kind: 'lof' } & LofOptions)
  | ({ readonly kind: 'hbos' } & HbosOptions)
  | ({ readonly kind: 'k-means' } & KMeansOptions)
  | ({ readonly kind: 'pca' } & PcaOptions)
  | ({ readonly kind: 'subsequence-pca' } & SubsequencePcaOptions)
  | ({ readonly kind: 'dynamic-pca' } & DynamicPcaOptions)
  | ({ readonly kind: 'half-space-trees' } & HalfSpaceTreesOptions)
  | ({ readonly kind: 'network'; readonly weights?: Weights | undefined } & NetworkOptions)
  | { readonly kind: 'majority'; readonly members: readonly DetectorSpec[]; readonly share?: number }
  | ({ readonly kind: 'forecast' } & ForecastOptions)
  | ({ readonly kind: 'stretch' } & StretchOptions)
  | ({ readonly kind: 'novelty' } & NoveltyOptions)
  | { readonly kind: 'ensemble'; readonly members: readonly DetectorSpec[]; readonly span: number }

/** @param room where the arrays of those that are kept for each of many entities come from */
export function createDetector(spec: DetectorSpec, room = new Room()): Detector {
  switch (spec.kind) {
    case 'robust':
      return new RobustDetector(spec, room)
    case 'ewma':
      return new EwmaDetector(spec, room)
    case 'innovation':
      return new InnovationDetector(spec)
    case 'regression':
      return new RegressionDetector(spec)
    case 'seasonal':
      return new SeasonalDetector(spec)
    case 'percentile':
      return new PercentileDetector(spec)
    case 'isolation-forest':
      return new IsolationForestDetector(spec)
    case 'lof':
      return new LofDetector(spec)
    case 'hbos':
      return new HbosDetector(spec)
    case 'k-means':
      return new KMeansDetector(spec)
    case 'pca':
      return new PcaDetector(spec)
    case 'subsequence-pca':
      return new SubsequencePcaDetector(spec)
    case 'dynamic-pca':
      return new DynamicPcaDetector(spec, room)
    case 'half-space-trees':
      return new HalfSpaceTreesDetector(spec)
    case 'network': {
      const { kind: _, weights, ...options } = spec
      return new NetworkDetector(options, weights)
    }
    case 'majority': {
      const { kind: _, ...options } = spec
      return new MajorityDetector({
        ...options,
        members: spec.members.map((each) => createDetector(each, room)),
      })
    }
    case 'forecast':
      return new ForecastDetector(spec)
    case 'stretch':
      return new StretchDetector(spec)
    case 'novelty':
      return new NoveltyDetector(spec)
    case 'ensemble':
      return new EnsembleDetector({ members: membersOf(spec, room), span: spec.span }, room)
  }
}

/** Those of the same features share what standardises these: they learn the same vectors, and what is usual need not be kept for each. */
function membersOf(spec: DetectorSpec & { readonly kind: 'ensemble' }, room: Room): Detector[] {
  const features = featuresOf(spec)
  const standardiser = new Standardiser(features, room)
  return spec.members.map((member) => {
    if (featuresOf(member) !== features) return createDetector(member, room)
    if (member.kind === 'ewma') return new EwmaDetector(member, room, standardiser)
    if (member.kind === 'dynamic-pca') return new DynamicPcaDetector(member, room, standardiser)
    return createDetector(member, room)
  })
}

export function featuresOf(spec: DetectorSpec): readonly Feature[] {
  return 'members' in spec ? featuresOf(spec.members[0]!) : spec.features
}

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

export function createDetector(spec: DetectorSpec): Detector {
  switch (spec.kind) {
    case 'robust': {
      const { kind: _, ...options } = spec
      return new RobustDetector(options)
    }
    case 'ewma': {
      const { kind: _, ...options } = spec
      return new EwmaDetector(options)
    }
    case 'innovation': {
      const { kind: _, ...options } = spec
      return new InnovationDetector(options)
    }
    case 'regression': {
      const { kind: _, ...options } = spec
      return new RegressionDetector(options)
    }
    case 'seasonal': {
      const { kind: _, ...options } = spec
      return new SeasonalDetector(options)
    }
    case 'percentile': {
      const { kind: _, ...options } = spec
      return new PercentileDetector(options)
    }
    case 'isolation-forest': {
      const { kind: _, ...options } = spec
      return new IsolationForestDetector(options)
    }
    case 'lof': {
      const { kind: _, ...options } = spec
      return new LofDetector(options)
    }
    case 'hbos': {
      const { kind: _, ...options } = spec
      return new HbosDetector(options)
    }
    case 'k-means': {
      const { kind: _, ...options } = spec
      return new KMeansDetector(options)
    }
    case 'pca': {
      const { kind: _, ...options } = spec
      return new PcaDetector(options)
    }
    case 'subsequence-pca': {
      const { kind: _, ...options } = spec
      return new SubsequencePcaDetector(options)
    }
    case 'dynamic-pca': {
      const { kind: _, ...options } = spec
      return new DynamicPcaDetector(options)
    }
    case 'half-space-trees': {
      const { kind: _, ...options } = spec
      return new HalfSpaceTreesDetector(options)
    }
    case 'network': {
      const { kind: _, weights, ...options } = spec
      return new NetworkDetector(options, weights)
    }
    case 'majority': {
      const { kind: _, ...options } = spec
      return new MajorityDetector({ ...options, members: spec.members.map(createDetector) })
    }
    case 'forecast': {
      const { kind: _, ...options } = spec
      return new ForecastDetector(options)
    }
    case 'stretch': {
      const { kind: _, ...options } = spec
      return new StretchDetector(options)
    }
    case 'novelty': {
      const { kind: _, ...options } = spec
      return new NoveltyDetector(options)
    }
    case 'ensemble':
      return new EnsembleDetector({ members: spec.members.map(createDetector), span: spec.span })
  }
}

export function featuresOf(spec: DetectorSpec): readonly Feature[] {
  return 'members' in spec ? featuresOf(spec.members[0]!) : spec.features
}

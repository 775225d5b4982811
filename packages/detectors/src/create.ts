import type { Detector } from './detector.ts'
import { EnsembleDetector } from './ensemble/ensemble.ts'
import { EwmaDetector, type EwmaOptions } from './ewma/ewma.ts'
import type { Feature } from './feature.ts'
import { RegressionDetector, type RegressionOptions } from './regression/regression.ts'
import { RobustDetector, type RobustOptions } from './robust/robust.ts'
import { SeasonalDetector, type SeasonalOptions } from './seasonal/seasonal.ts'

/** A detector with its options, as plain data that can be sent to a worker. */
export type DetectorSpec =
  | ({ readonly kind: 'robust' } & RobustOptions)
  | ({ readonly kind: 'ewma' } & EwmaOptions)
  | ({ readonly kind: 'regression' } & RegressionOptions)
  | ({ readonly kind: 'seasonal' } & SeasonalOptions)
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
    case 'regression': {
      const { kind: _, ...options } = spec
      return new RegressionDetector(options)
    }
    case 'seasonal': {
      const { kind: _, ...options } = spec
      return new SeasonalDetector(options)
    }
    case 'ensemble':
      return new EnsembleDetector({ members: spec.members.map(createDetector), span: spec.span })
  }
}

export function featuresOf(spec: DetectorSpec): readonly Feature[] {
  return spec.kind === 'ensemble' ? featuresOf(spec.members[0]!) : spec.features
}

import type { BoundOptions } from './bounds.ts'
import type { Reader } from './evidence/reader.ts'
import { CONFORMAL, type ConformalOptions, ConformalPolicy } from './policy/conformal.ts'
import { DSPOT, type DspotOptions, DspotPolicy } from './policy/dspot.ts'
import { Q_LEARNING, type QLearningOptions, QLearningPolicy } from './policy/q-learning/policy.ts'
import { SpotPolicy } from './policy/spot.ts'
import { StaticPolicy } from './policy/static.ts'
import { SPOT, type SpotOptions } from './policy/tail.ts'
import { THOMPSON, type ThompsonOptions, ThompsonPolicy } from './policy/thompson.ts'
import type { Json, PolicyName, ThresholdPolicy } from './policy.ts'

/** Settings of each policy; what is left out is as shipped. */
export interface PolicyOptions {
  readonly qLearning?: Partial<QLearningOptions>
  readonly spot?: Partial<SpotOptions>
  readonly dspot?: Partial<DspotOptions>
  readonly conformal?: Partial<ConformalOptions>
  readonly thompson?: Partial<ThompsonOptions>
}

/** @param saved state of the same policy @throws TunerError */
export function createPolicy(
  name: PolicyName,
  options: PolicyOptions,
  bounds: BoundOptions,
  reader: Reader,
  saved?: Json,
): ThresholdPolicy {
  switch (name) {
    case 'q-learning':
      return new QLearningPolicy({ ...Q_LEARNING, ...options.qLearning }, bounds, reader, saved)
    case 'static':
      return new StaticPolicy()
    case 'spot':
      return new SpotPolicy({ ...SPOT, ...options.spot }, bounds, saved)
    case 'dspot':
      return new DspotPolicy({ ...DSPOT, ...options.dspot }, bounds, saved)
    case 'conformal':
      return new ConformalPolicy({ ...CONFORMAL, ...options.conformal }, bounds, saved)
    case 'thompson':
      return new ThompsonPolicy({ ...THOMPSON, cost: reader.cost, ...options.thompson }, bounds)
  }
}

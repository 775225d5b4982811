import type { RobustFeature } from '@adf/detectors'
import type { FeatureSpec } from './vector.ts'

type Noise = Omit<RobustFeature, 'name' | 'direction'>

/**
 * How a feature's noise behaves and how little of it is believed, by its unit. Floors are what a person would not want to be
 * woken for: they decide only where history is constant or nearly so.
 */
function byUnit(unit: string, windowMs: number): Noise {
  switch (unit) {
    case 'ms':
      return { transform: 'log', floor: 0.1 }
    case '1/s':
      // A Poisson rate counted over a window of W seconds: its square root has the deviation 1/(2√W), whatever the rate.
      return { transform: 'sqrt', floor: 0.5 / Math.sqrt(windowMs / 1000) }
    case '%':
      return { transform: 'linear', floor: 1, relativeFloor: 0.02 }
    case '1':
      return { transform: 'linear', floor: 0.002, relativeFloor: 0.05 }
    case 'MB':
      return { transform: 'log', floor: 0.02 }
    case 'Mbit/s':
      return { transform: 'sqrt', floor: 0.1 }
    default:
      return { transform: 'linear', floor: 1e-6, relativeFloor: 0.05 }
  }
}

/** Load averages have no unit to go by, and hover around 0 on an idle host. */
const loads = new Set(['cpu_load1', 'cpu_load5'])

export function noiseOf(features: readonly FeatureSpec[], windowMs: number): RobustFeature[] {
  const counted = features.some((feature) => feature.name === 'request_rate')
  return features.map(({ name, unit, direction }) => {
    const noise = loads.has(name)
      ? ({ transform: 'linear', floor: 0.1, relativeFloor: 0.05 } as const)
      : byUnit(unit, windowMs)
    if (name !== 'error_rate' || !counted) return { name, direction, ...noise }
    return {
      name,
      direction,
      ...noise,
      trials: { feature: 'request_rate', factor: windowMs / 1000, prior: 0.005 },
    }
  })
}

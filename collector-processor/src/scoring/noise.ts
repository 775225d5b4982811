import type { Feature, Samples } from '@adf/detectors'
import type { FeatureSpec } from './vector.ts'

type Noise = Omit<Feature, 'name' | 'direction'>

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

/** Built-in features whose unit does not say it all; `counted` ones are computed from the requests of the window. */
const byName: Readonly<Record<string, { noise?: Noise; counted?: Omit<Samples, 'feature' | 'factor'> }>> = {
  error_rate: { counted: { prior: 0.005 } },
  latency_p50: { counted: { above: 0.5 } },
  latency_p95: { counted: { above: 0.05 } },
  latency_p99: { counted: { above: 0.01 } },
  // Load averages hover around 0 on an idle host.
  cpu_load1: { noise: { transform: 'linear', floor: 0.1, relativeFloor: 0.05 } },
  cpu_load5: { noise: { transform: 'linear', floor: 0.1, relativeFloor: 0.05 } },
  // In standard deviations by itself, and the largest of several: that of a service with one template rests at 0, until a second came once.
  log_novelty: { noise: { transform: 'linear', floor: 0.5, relativeFloor: 0.05 } },
}

export function noiseOf(features: readonly FeatureSpec[], windowMs: number): Feature[] {
  const rated = features.some((feature) => feature.name === 'request_rate')
  return features.map(({ name, unit, direction }) => {
    const special = byName[name]
    const feature = { name, direction, ...(special?.noise ?? byUnit(unit, windowMs)) }
    const counted = rated ? special?.counted : undefined
    if (counted === undefined) return feature
    return { ...feature, samples: { feature: 'request_rate', factor: windowMs / 1000, ...counted } }
  })
}

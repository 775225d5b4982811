import type { Contribution } from '@adf/contract'
import type { FeatureSpec } from '../vector.ts'

/** Half widths of the band beyond which a value is no farther off. */
const FARTHEST = 20

/**
 * An anomaly as classifiers see it: how far each feature is off its band, in half widths of it, so that entities of other levels are
 * alike; 0 where it has no part in the anomaly. Where no band is known the share stands for the distance.
 */
export function deviationsOf(
  features: readonly FeatureSpec[],
  contributions: readonly Contribution[],
): Float64Array {
  const vector = new Float64Array(features.length)
  for (const { feature, value, band, share } of contributions) {
    const place = features.findIndex(({ name }) => name === feature)
    if (place >= 0) vector[place] = distance(value, band) ?? FARTHEST * share
  }
  return vector
}

function distance(value: number | null, band: Contribution['band']): number | undefined {
  if (value === null || band === null) return undefined
  const [low, high] = band
  const half = (high - low) / 2
  if (!(half > 0)) return undefined
  return Math.max(-FARTHEST, Math.min(FARTHEST, (value - low - half) / half))
}

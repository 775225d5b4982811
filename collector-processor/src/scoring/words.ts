import type { Contribution } from '@adf/contract'
import { type Explanation, sentence } from '@adf/detectors'
import type { FeatureSpec } from './vector.ts'

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/**
 * What made the score, largest share first. Shares under 1 % are left out and the others scaled to sum to 1.
 * @param limited the score comes from fixed limits, so that low and high are these
 */
export function contributionsOf(
  features: readonly FeatureSpec[],
  values: Float64Array,
  { parts, expected, low, high }: Explanation,
  limited: boolean,
): Contribution[] {
  const kept = features.map((_, i) => i).filter((i) => parts[i]! >= 0.01)
  const total = kept.reduce((sum, i) => sum + parts[i]!, 0)
  return kept
    .sort((a, b) => parts[b]! - parts[a]!)
    .map((i) => {
      const { name, unit } = features[i]!
      const value = values[i]!
      const banded = Number.isFinite(low[i]!) && Number.isFinite(high[i]!)
      return {
        feature: name,
        value: orNull(value),
        expected: orNull(expected[i]!),
        band: banded ? ([low[i]!, high[i]!] satisfies [number, number]) : null,
        share: Math.min(1, parts[i]! / total),
        text: sentence({ name, unit, value, low: low[i]!, high: high[i]! }, { limited }),
      }
    })
}

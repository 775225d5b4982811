import type { Contribution } from '@adf/contract'
import { type Explanation, sentence, type Wording } from '@adf/detectors'
import type { FeatureSpec } from './vector.ts'

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/**
 * What made the score, largest share first. Shares under 1 %, and those of features within their band, are left out and the others
 * scaled to sum to 1.
 * @param wording `limited`: the score comes from fixed limits, so that low and high are these
 */
export function contributionsOf(
  features: readonly FeatureSpec[],
  values: Float64Array,
  { parts, expected, low, high }: Explanation,
  wording: Wording,
): Contribution[] {
  const most = parts.indexOf(Math.max(...parts))
  // What lies in its band has its share by chance: the sentence would say that it is normal.
  const within = (i: number) => !wording.limited && values[i]! >= low[i]! && values[i]! <= high[i]!
  const kept = features
    .map((_, i) => i)
    .filter((i) => parts[i]! > 0 && (i === most || (parts[i]! >= 0.01 && !within(i))))
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
        text: sentence({ name, unit, value, low: low[i]!, high: high[i]! }, wording),
      }
    })
}

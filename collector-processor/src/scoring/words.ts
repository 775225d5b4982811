import type { Contribution } from '@adf/contract'
import type { Explanation } from '@adf/detectors'
import type { FeatureSpec } from './vector.ts'

/** Three significant digits, without exponents where a person would write none. */
export function number(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e9 || magnitude < 1e-4) return value.toExponential(2)
  return magnitude >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/** `840 ms`, `12/s`, `0.3`. */
export function quantity(value: number, unit: string): string {
  if (unit === '' || unit === '1') return number(value)
  return unit.startsWith('1/') ? `${number(value)}${unit.slice(1)}` : `${number(value)} ${unit}`
}

/** `normally 95 to 130 ms`, or one number where both ends read the same. */
function normally(low: number, high: number, unit: string): string {
  const to = quantity(high, unit)
  if (number(low) === number(high)) return `normally ${to}`
  return `normally ${number(low)} to ${to}`
}

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
      const seen = `${name} is ${quantity(value, unit)}`
      const banded = Number.isFinite(low[i]!) && Number.isFinite(high[i]!)
      const limit =
        value > high[i]!
          ? `above its limit of ${quantity(high[i]!, unit)}`
          : `below its limit of ${quantity(low[i]!, unit)}`
      const against = limited ? limit : banded ? normally(low[i]!, high[i]!, unit) : 'unlike before'
      return {
        feature: name,
        value: orNull(value),
        expected: orNull(expected[i]!),
        band: banded ? ([low[i]!, high[i]!] satisfies [number, number]) : null,
        share: Math.min(1, parts[i]! / total),
        text: `${seen}, ${against}`,
      }
    })
}

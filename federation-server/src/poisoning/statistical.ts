import { cosine } from '../vector/vector.ts'
import { type Finding, type FindingKind, type LayerSpan, suspicionOf } from './inspection.ts'
import { centreOf, type Measurement } from './measurements.ts'
import { deviationsAbove, type RobustHistory } from './robust-history.ts'

/** Sizes within a fifth of each other, and directions within 0.06 of a cosine, are alike however steady they were before. */
const SIZE_FLOOR = 0.2
const DIRECTION_FLOOR = 0.06

/** Features of each update: its norm, that of each layer, and how far it points away from the usual direction of the round. */
export function features(measurements: readonly Measurement[]): number[][] {
  const usual = centreOf(measurements.map(({ sketch }) => sketch))
  return measurements.map(({ sizes, sketch }) => [...sizes, -cosine(sketch, usual)])
}

/**
 * Norm, direction, and norm of each layer, against the round and robust history. Tells scaling, turned signs, and one layer that is
 * changed for a back door. Only what is larger than usual is odd: who sends next to nothing does no harm.
 *
 * Z-scores by median and median absolute deviation (B. Iglewicz, D. Hoaglin 1993).
 *
 * @param rows of `features`; @returns findings of each
 */
export function statisticalFindings(
  rows: readonly (readonly number[])[],
  history: readonly RobustHistory[],
  layers: readonly LayerSpan[],
): Finding[][] {
  const findings: Finding[][] = rows.map(() => [])
  const last = layers.length + 1
  for (let feature = 0; feature <= last; feature++) {
    const kind: FindingKind = feature === 0 ? 'norm' : feature === last ? 'direction' : 'layer_norm'
    const deviations = deviationsAbove(
      history[feature]!,
      rows.map((row) => row[feature]!),
      kind === 'direction' ? DIRECTION_FLOOR : SIZE_FLOOR,
    )
    for (const [i, deviation] of deviations.entries())
      findings[i]!.push({
        kind,
        suspicion: suspicionOf(deviation),
        text: `${words(kind, rows[i]![feature]!, layers[feature - 1]?.name)}, ${deviation.toFixed(1)} deviations from usual`,
      })
  }
  return findings
}

function words(kind: FindingKind, value: number, layer: string | undefined): string {
  if (kind === 'direction') return `cosine ${(-value).toFixed(2)} with the round`
  const length = Math.exp(value).toPrecision(3)
  return kind === 'norm' ? `norm ${length}` : `norm ${length} of ${layer}`
}

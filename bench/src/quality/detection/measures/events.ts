import { f1Of, pointPrecision } from './points.ts'
import { segmentsOf } from './segments.ts'

/**
 * Composite F1: recall counts events (an event with a flag anywhere in it is found), precision counts rows, so that a flag
 * that stays on costs what it should. Nothing is adjusted.
 *
 * Source: A. Garg, W. Zhang, J. Samaran, R. Savitha, C.-S. Foo: An evaluation of anomaly detection and diagnosis in multivariate
 * time series, IEEE TNNLS 2022 (their Fc1).
 */
export function eventF1(labels: Uint8Array, flags: Uint8Array): number {
  const events = segmentsOf(labels)
  const found = events.filter(({ from, to }) => flags.subarray(from, to).includes(1)).length
  return f1Of(pointPrecision(labels, flags), found / events.length)
}

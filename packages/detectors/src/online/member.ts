import type { DetectorSpec } from '../create.ts'
import type { PanelMember } from './panel.ts'

type Kind = DetectorSpec['kind']

/** Vectors after which the background that scores are taken relative to weighs half. */
const BACKGROUND = 5000
/** The same where scores drift: less than a working day of vectors that come once a minute. */
const RECENT = 400

/** Their tails are those of residuals, and are known before any is seen; or they need no calibration. */
const FITTED: ReadonlySet<Kind> = new Set([
  'robust',
  'ensemble',
  'seasonal',
  'network',
  'forecast',
  'novelty',
])

/**
 * A detector with what its kind of scores needs to be calibrated.
 *
 * - Residuals of what follows its data, long remembered: the background, and a fitted tail.
 * - Votes are taken as they are, and counted.
 * - Half-space trees follow by themselves, in windows whose counts differ: counted, and long remembered, since 2,000 scores are eight windows.
 * - All others drift with what they have learned once and for all, or are tied: counted, by their latest scores.
 */
export function calibratedMember(name: string, detector: DetectorSpec, weight: number): PanelMember {
  const member = { name, detector, weight }
  const { kind } = detector
  if (FITTED.has(kind)) return { ...member, background: BACKGROUND }
  if (kind === 'majority') return { ...member, tail: 'counted' }
  if (kind === 'half-space-trees') return { ...member, background: BACKGROUND, tail: 'counted' }
  return { ...member, background: RECENT, tail: 'counted', memory: 'recent' }
}

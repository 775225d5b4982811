import type { DetectorSpec } from '../create.ts'
import type { PanelMember } from './panel.ts'

type Kind = DetectorSpec['kind']

/** Vectors after which the background that scores are taken relative to weighs half. */
const BACKGROUND = 5000
/** The same where scores drift: less than a working day of vectors that come once a minute. */
const RECENT = 400
/** The same of histograms with fixed bins: a feature that leaves them drifts with its distance, and the levels of several add up. */
const FAST = 200

/**
 * Their tails are known before any is seen, they follow a season that is longer than what is remembered otherwise (`seasonal`), or they need no
 * calibration (`novelty`).
 */
const FITTED: ReadonlySet<Kind> = new Set([
  'robust',
  'ensemble',
  'seasonal',
  'k-means',
  'network',
  'forecast',
  'novelty',
])

/** Scores of votes, counts and ratios, which fall off more slowly than a logarithm of residuals does. */
const HEAVY: ReadonlySet<Kind> = new Set([
  'majority',
  'lof',
  'hbos',
  'isolation-forest',
  'half-space-trees',
  'percentile',
])

/**
 * Whether a limit that is drawn in to where it would be if the logarithms of raw scores were normal (`CalibratedDetector.limit`) lies below a
 * good part of the normal vectors.
 */
export const heavyTailed = ({ kind }: DetectorSpec): boolean => HEAVY.has(kind)

/**
 * A detector with what its kind of scores needs to be calibrated.
 *
 * - What `FITTED` names: long remembered, with a fitted tail.
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
  return { ...member, background: kind === 'hbos' ? FAST : RECENT, tail: 'counted', memory: 'recent' }
}

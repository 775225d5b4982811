import { checkNumber } from './tuner-error.ts'

export type VerdictValue = 'true_positive' | 'false_positive'

/**
 * How the verdict came about. `fired`: on an alert. `sampled`: on an episode under the threshold, of which a random share is asked about.
 * `missed`: an incident that an operator reports and that nobody was alerted of.
 */
export type VerdictOrigin = 'fired' | 'sampled' | 'missed'

/** An operator's latest word on an episode. */
export interface Verdict {
  /** One word per author and episode: a later one replaces it. */
  readonly author: string
  readonly value: VerdictValue
  /** A minute of the episode, or of the incident that was missed. */
  readonly minute: number
  /** With the fraction of the minute that had passed. */
  readonly givenAtMinute: number
  readonly origin: VerdictOrigin
  /** 1 for a plain verdict, less for one that is only implied, as by a silence; over 0. */
  readonly weight: number
  /** Probability with which it was asked for: 1 but for `sampled`. */
  readonly propensity: number
}

/** @throws TunerError */
export function checkVerdict({ minute, givenAtMinute, weight, propensity }: Verdict): void {
  checkNumber('weight of a verdict', weight, Number.MIN_VALUE, 1)
  checkNumber('propensity of a verdict', propensity, 1e-6, 1)
  checkNumber('minute of a verdict', minute, 0, Number.MAX_SAFE_INTEGER)
  checkNumber('time of a verdict', givenAtMinute, 0, Number.MAX_SAFE_INTEGER)
}

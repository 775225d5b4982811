import type { FeedbackChannel } from '@adf/contract/feedback'

/**
 * A silence says that somebody did not want the alert now, not that nothing was wrong: planned work and a cause that is known are silenced
 * too. Three of them weigh about as much as one plain word.
 */
const SILENCE_WEIGHT = 0.3

/** Words of one author within a day that count in full; together more never weigh more than these. */
const FULL_WORDS_A_DAY = 50

/** Beta(8, 2) before anything is known of an author: agrees with the others in four of five. */
const PRIOR_AGREES = 8
const PRIOR_DISAGREES = 2
const LEAST_RELIABILITY = 0.05

/** What an author and others both judged: how often the author was of one mind with the sum of the others, and how often not. */
export interface Agreement {
  readonly agrees: number
  readonly disagrees: number
}

/** Of the word itself: how it was given, and how much its author said on that day, this word included. */
export function wordWeight(channel: FeedbackChannel, wordsOfTheDay: number): number {
  const plain = channel === 'silence' ? SILENCE_WEIGHT : 1
  return plain * Math.min(1, FULL_WORDS_A_DAY / Math.max(1, wordsOfTheDay))
}

/**
 * How far an author can be believed, from 0.05 to 1. The share of agreement with others is smoothed by a Beta prior, so that one
 * dispute decides nothing; half the words like those of others is what chance gives, and says nothing. Both sides of a dispute lose
 * alike: who is right shows when they judge with third ones.
 */
export function reliability({ agrees, disagrees }: Agreement): number {
  const share = (agrees + PRIOR_AGREES) / (agrees + disagrees + PRIOR_AGREES + PRIOR_DISAGREES)
  const prior = PRIOR_AGREES / (PRIOR_AGREES + PRIOR_DISAGREES)
  return Math.min(1, Math.max(LEAST_RELIABILITY, (share - 0.5) / (prior - 0.5)))
}

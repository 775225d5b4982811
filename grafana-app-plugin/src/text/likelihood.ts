import { say } from './say.ts'

/** A probability in words, so that sure and unsure read differently. */
export function likelihood(probability: number): string {
  if (probability >= 0.95) return say('likelihood.almost-certain', 'almost certain')
  if (probability >= 0.7) return say('likelihood.likely', 'likely')
  if (probability >= 0.5) return say('likelihood.more-likely-than-not', 'more likely than not')
  return say('likelihood.possible', 'possible')
}

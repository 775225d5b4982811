import type { History } from '../history.ts'
import { checkNumber } from '../tuner-error.ts'

export interface CadenceOptions {
  /** A step is due after so many verdicts on the entity since the last one … */
  readonly verdicts: number
  /** … or after so many hours. */
  readonly hours: number
  /** `either`: whichever comes first; `both`: whichever comes last. */
  readonly when: 'either' | 'both'
}

export const CADENCE: CadenceOptions = { verdicts: 20, hours: 6, when: 'either' }

/** @throws TunerError */
export function checkCadence({ verdicts, hours }: CadenceOptions): void {
  checkNumber('verdicts between steps', verdicts, 1, 1e6)
  checkNumber('hours between steps', hours, 0, 1e6)
}

/**
 * Whether a step may be considered again: once in a minute at most, since a step is known by its minute.
 *
 * @param lastMinute of the last decision, with the fraction of the minute that had passed; null: there was none @param nowMinute likewise
 */
export function due(
  history: History,
  lastMinute: number | null,
  nowMinute: number,
  { verdicts, hours, when }: CadenceOptions,
): boolean {
  if (lastMinute === null) return true
  if (Math.floor(nowMinute) <= Math.floor(lastMinute)) return false
  const waited = nowMinute - lastMinute >= hours * 60
  const told = verdictsSince(history, lastMinute) >= verdicts
  return when === 'either' ? waited || told : waited && told
}

/** Verdicts on an entity that were given after a time, in minutes. */
export const verdictsSince = (history: History, minute: number): number =>
  countOf(history, (givenAtMinute) => givenAtMinute > minute)

/** Verdicts on an entity that were given in later minutes than this one. */
export const verdictsOfLaterMinutes = (history: History, minute: number): number =>
  countOf(history, (givenAtMinute) => Math.floor(givenAtMinute) > minute)

const countOf = ({ episodes }: History, counts: (givenAtMinute: number) => boolean): number =>
  episodes.reduce(
    (sum, { verdicts }) => sum + verdicts.filter(({ givenAtMinute }) => counts(givenAtMinute)).length,
    0,
  )

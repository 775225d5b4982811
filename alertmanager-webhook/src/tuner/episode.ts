import { MOST } from './severity.ts'
import { checkNumber, TunerError } from './tuner-error.ts'

/** The largest severity of an entity within one minute: what the processor stores. */
export interface Peak {
  /** Minutes since 1970. */
  readonly minute: number
  readonly severity: number
}

/** A run of minutes whose peaks are over the floor, short gaps included. It would have been one alert at any threshold up to its peak. */
export interface Episode {
  readonly startMinute: number
  /** Its last minute over the floor. */
  readonly endMinute: number
  /** Largest severity. */
  readonly peak: number
}

export interface EpisodeOptions {
  /** Severity from which a minute belongs to an episode; not over the lowest threshold there can be. */
  readonly floor: number
  /** Minutes under the floor that do not end an episode. */
  readonly gapMinutes: number
}

export const EPISODES: EpisodeOptions = { floor: 0.5, gapMinutes: 5 }

/**
 * The episodes of one entity, ascending. Minutes may come in any order and twice: the largest severity of a minute counts.
 *
 * @throws TunerError when a number is not finite or no severity
 */
export function episodesOf(peaks: readonly Peak[], { floor, gapMinutes } = EPISODES): Episode[] {
  const minutes: Peak[] = []
  for (const peak of peaks) {
    checkPeak(peak)
    if (peak.severity >= floor) minutes.push(peak)
  }
  minutes.sort((a, b) => a.minute - b.minute)
  const episodes: Episode[] = []
  for (const { minute, severity } of minutes) {
    const last = episodes.at(-1)
    if (last === undefined || minute - last.endMinute > gapMinutes + 1)
      episodes.push({ startMinute: minute, endMinute: minute, peak: severity })
    else
      episodes[episodes.length - 1] = {
        startMinute: last.startMinute,
        endMinute: minute,
        peak: Math.max(last.peak, severity),
      }
  }
  return episodes
}

/** The episode that a minute belongs to, or undefined: at most `gapMinutes` beside it. @param episodes ascending */
export function episodeAt(
  episodes: readonly Episode[],
  minute: number,
  { gapMinutes }: Pick<EpisodeOptions, 'gapMinutes'> = EPISODES,
): Episode | undefined {
  let nearest: Episode | undefined
  let distance = gapMinutes + 1
  for (const episode of episodes) {
    const off = Math.max(episode.startMinute - minute, minute - episode.endMinute, 0)
    if (off >= distance) continue
    nearest = episode
    distance = off
  }
  return nearest
}

/** @throws TunerError */
export function checkPeak({ minute, severity }: Peak): void {
  checkNumber('severity of a peak', severity, 0, MOST)
  if (!Number.isSafeInteger(minute) || minute < 0)
    throw new TunerError('out_of_range', `minute of a peak is ${minute}: give whole minutes since 1970`)
}

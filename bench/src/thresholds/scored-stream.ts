import { boundsOf, type Entity, type Episode, episodesOf, type Peak } from '@adf/alertmanager-webhook'

/** An episode with what is true of it, which the operator knows and the tuner does not. */
export interface TrueEpisode extends Episode {
  readonly useful: boolean
  /** The same for all who are compared: from it follow the coins of the simulated operator. */
  readonly id: number
}

/** One entity with its stored peaks. */
export interface ScoredEntity {
  readonly entity: Entity
  /** Untuned threshold. */
  readonly initial: number
  /** Ascending. */
  readonly peaks: readonly Peak[]
  readonly episodes: readonly TrueEpisode[]
}

/** Entities of one kind over the same stretch of time. */
export interface ScoredStream {
  readonly name: string
  readonly entities: readonly ScoredEntity[]
  readonly fromMinute: number
  readonly toMinute: number
}

/** The largest severity that is stored. */
const MOST = 2
/** Minutes under the floor that do not end an episode. */
const GAP_MINUTES = 5

/** @param useful whether a minute belongs to real trouble */
export function scoredEntity(
  entity: Entity,
  initial: number,
  peaks: readonly Peak[],
  useful: (minute: number) => boolean,
): ScoredEntity {
  const stored = peaks.map(({ minute, severity }) => ({
    minute,
    severity: Math.max(0, Math.min(MOST, Math.floor(severity * 100) / 100)),
  }))
  const found = episodesOf(stored, { floor: boundsOf(initial).low, gapMinutes: GAP_MINUTES })
  const episodes = found.map((episode, id) => ({ ...episode, id, useful: anyMinute(episode, useful) }))
  return { entity, initial, peaks: stored, episodes }
}

function anyMinute({ startMinute, endMinute }: Episode, is: (minute: number) => boolean): boolean {
  for (let minute = startMinute; minute <= endMinute; minute++) if (is(minute)) return true
  return false
}

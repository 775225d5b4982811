import { type Entity, entityKey } from './entity.ts'
import { EPISODES, type Episode, type EpisodeOptions, episodeAt } from './episode.ts'
import { MOST } from './severity.ts'
import { checkNumber, TunerError } from './tuner-error.ts'
import { checkVerdict, type Verdict } from './verdict.ts'

/** An episode with what operators said of it. */
export interface Judged extends Episode {
  /** Latest word of each author, by author. */
  readonly verdicts: readonly Verdict[]
}

/** What is stored of one entity. */
export interface History {
  readonly entity: Entity
  /** The untuned threshold. */
  readonly initial: number
  /** Ascending. */
  readonly episodes: readonly Judged[]
  /** Minutes for which peaks are stored; episodes with verdicts may be older. */
  readonly fromMinute: number
  readonly toMinute: number
}

/**
 * Puts verdicts to the episodes that they are about. The same result in whatever order they come, and however often. A missed incident
 * that no peak over the floor belongs to becomes an episode of severity 0: no threshold would have found it. Any other verdict without an
 * episode is dropped, and counted in `unmatched`.
 *
 * @throws TunerError
 */
export function historyOf(
  entity: Entity,
  episodes: readonly Episode[],
  verdicts: readonly Verdict[],
  about: Pick<History, 'initial' | 'fromMinute' | 'toMinute'>,
  options: EpisodeOptions = EPISODES,
): { readonly history: History; readonly unmatched: number } {
  for (const { startMinute, endMinute, peak } of episodes) {
    checkNumber('peak of an episode', peak, 0, MOST)
    checkNumber('end of an episode', endMinute, startMinute, Number.MAX_SAFE_INTEGER)
  }
  checkNumber('untuned threshold', about.initial, 0, MOST)
  checkNumber('end of a history', about.toMinute, about.fromMinute, Number.MAX_SAFE_INTEGER)
  const sorted = episodes.toSorted((a, b) => a.startMinute - b.startMinute)
  const said = new Map<number, { readonly episode: Episode; readonly latest: Map<string, Verdict> }>()
  for (const episode of sorted) {
    if (said.has(episode.startMinute))
      throw new TunerError(
        'out_of_range',
        `two episodes of ${entityKey(entity)} start at ${episode.startMinute}`,
      )
    said.set(episode.startMinute, { episode, latest: new Map() })
  }
  let unmatched = 0
  for (const verdict of verdicts) {
    checkVerdict(verdict)
    const { minute, author, origin } = verdict
    let start = episodeAt(sorted, minute, options)?.startMinute
    if (start === undefined && origin === 'missed') {
      start = minute
      const episode = { startMinute: minute, endMinute: minute, peak: 0 }
      if (!said.has(minute)) said.set(minute, { episode, latest: new Map() })
    }
    const place = start === undefined ? undefined : said.get(start)
    if (place === undefined) {
      unmatched++
      continue
    }
    const before = place.latest.get(author)
    if (before === undefined || isLater(verdict, before)) place.latest.set(author, verdict)
  }
  const judged = [...said.values()]
    .map(({ episode, latest }) => ({ ...episode, verdicts: [...latest.values()].sort(byAuthor) }))
    .sort((a, b) => a.startMinute - b.startMinute)
  return { history: { entity, episodes: judged, ...about }, unmatched }
}

/** Of two at the same time the true positive counts: the safer one. */
const isLater = (a: Verdict, b: Verdict): boolean =>
  a.givenAtMinute > b.givenAtMinute ||
  (a.givenAtMinute === b.givenAtMinute && a.value === 'true_positive' && b.value !== 'true_positive')

const byAuthor = (a: Verdict, b: Verdict): number => (a.author < b.author ? -1 : a.author > b.author ? 1 : 0)

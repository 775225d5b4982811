import type { MissedIncident } from '@adf/contract/feedback'
import type { AnsweredQuestion, JudgedEpisode } from '../store/feedback-store.ts'
import { EPISODES, type Episode, episodesOf, type Peak } from '../tuner/episode.ts'
import { type History, historyOf } from '../tuner/history.ts'
import { MOST } from '../tuner/severity.ts'
import type { Verdict } from '../tuner/verdict.ts'

/** Everything that was said of one entity. */
export interface Said {
  readonly judged: readonly JudgedEpisode[]
  readonly answered: readonly AnsweredQuestion[]
  readonly missed: readonly MissedIncident[]
}

export const NOTHING_SAID: Said = { judged: [], answered: [], missed: [] }

const MINUTE_MS = 60_000
const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS)
const LEAST_WEIGHT = 1e-3

/**
 * The history of an entity, from its severities and from what was said. Episodes that somebody judged are in it even when their
 * severities are no longer, or not yet, kept.
 */
export function historyFrom(
  about: { readonly stream: string; readonly entityId: string; readonly initial: number },
  scores: { readonly peaks: readonly Peak[]; readonly fromMinute: number; readonly toMinute: number },
  said: Said,
): History {
  const entity = { stream: about.stream, id: about.entityId, kind: about.stream }
  const known = [
    ...episodesOf(scores.peaks),
    ...said.judged.map(
      ({ fromMs, toMs, severity }): Episode => ({
        startMinute: minuteOf(fromMs),
        endMinute: Math.max(minuteOf(fromMs), minuteOf(toMs)),
        peak: Math.min(MOST, severity),
      }),
    ),
    ...said.answered.map(
      ({ question }): Episode => ({
        startMinute: minuteOf(Date.parse(question.from)),
        endMinute: minuteOf(Date.parse(question.to)),
        peak: Math.min(MOST, question.severity),
      }),
    ),
  ]
  const { fromMinute } = scores
  const latest = known.reduce((last, { endMinute }) => Math.max(last, endMinute + 1), scores.toMinute)
  return historyOf(entity, joined(known), verdictsOf(entity.stream, entity.id, said), {
    initial: about.initial,
    fromMinute,
    toMinute: Math.max(fromMinute, latest),
  }).history
}

/** Episodes that touch, or nearly, are one: an alert and the severities that it came from are about the same. */
function joined(episodes: readonly Episode[]): Episode[] {
  const result: Episode[] = []
  for (const episode of episodes.toSorted((a, b) => a.startMinute - b.startMinute)) {
    const last = result.at(-1)
    if (last === undefined || episode.startMinute - last.endMinute > EPISODES.gapMinutes + 1)
      result.push(episode)
    else
      result[result.length - 1] = {
        startMinute: last.startMinute,
        endMinute: Math.max(last.endMinute, episode.endMinute),
        peak: Math.max(last.peak, episode.peak),
      }
  }
  return result
}

function verdictsOf(stream: string, entityId: string, { judged, answered, missed }: Said): Verdict[] {
  return [
    ...judged.map(
      ({ author = '', verdict, fromMs, atMs, weight }): Verdict => ({
        author,
        value: verdict,
        minute: minuteOf(fromMs),
        givenAtMinute: atMs / MINUTE_MS,
        origin: 'fired',
        weight: Math.max(LEAST_WEIGHT, weight),
        propensity: 1,
      }),
    ),
    ...answered.map(
      ({ question, verdict, answeredMs }): Verdict => ({
        author: `question:${question.id}`,
        value: verdict,
        minute: minuteOf(Date.parse(question.from)),
        givenAtMinute: answeredMs / MINUTE_MS,
        origin: 'sampled',
        weight: 1,
        propensity: question.probability,
      }),
    ),
    ...missed
      .filter(({ entities }) => entities.some((one) => one.stream === stream && one.entity_id === entityId))
      .map(
        ({ author, started_at, reported_at }): Verdict => ({
          author: author ?? '',
          value: 'true_positive',
          minute: minuteOf(Date.parse(started_at)),
          givenAtMinute: Date.parse(reported_at) / MINUTE_MS,
          origin: 'missed',
          weight: 1,
          propensity: 1,
        }),
      ),
  ]
}

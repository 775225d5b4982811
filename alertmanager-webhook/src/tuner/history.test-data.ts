import type { Entity } from './entity.ts'
import type { Episode } from './episode.ts'
import { type History, historyOf } from './history.ts'
import type { Verdict, VerdictValue } from './verdict.ts'

export const entity = (id: string): Entity => ({ stream: 'service', id, kind: 'service' })

/** Episodes of five minutes that begin every `every` minutes with these peaks. */
export const episodesWith = (peaks: readonly number[], every = 360, from = 60): Episode[] =>
  peaks.map((peak, i) => ({ startMinute: from + i * every, endMinute: from + i * every + 5, peak }))

export const verdict = (
  { startMinute, endMinute }: Episode,
  value: VerdictValue,
  more: Partial<Verdict> = {},
): Verdict => ({
  author: 'ann',
  value,
  minute: startMinute,
  givenAtMinute: endMinute + 10,
  origin: 'fired',
  weight: 1,
  propensity: 1,
  ...more,
})

/** A week of an entity whose episodes up to `noiseUpTo` are noise and judged so, those over it useful. */
export function judgedWeek(
  id: string,
  peaks: readonly number[],
  noiseUpTo: number,
  more: Partial<Verdict> = {},
): History {
  const episodes = episodesWith(peaks)
  const verdicts = episodes.map((one) =>
    verdict(one, one.peak <= noiseUpTo ? 'false_positive' : 'true_positive', more),
  )
  const about = { initial: 0.8, fromMinute: 0, toMinute: 7 * 1440 }
  return historyOf(entity(id), episodes, verdicts, about).history
}

/** Alerts of a noisy service: twenty false ones at 0.85 to 0.94, five useful ones far over them. */
export const NOISY = [
  ...Array.from({ length: 20 }, (_, i) => 0.85 + 0.01 * (i % 10)),
  1.5,
  1.6,
  1.7,
  1.8,
  1.9,
]

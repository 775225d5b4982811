import { createHmac } from 'node:crypto'
import type { Question } from '@adf/contract/feedback'
import type { Episode } from '../tuner/episode.ts'
import { EPISODES } from '../tuner/episode.ts'

const iso = (minute: number) => new Date(minute * 60_000).toISOString()
const clock = (minute: number) => iso(minute).slice(11, 16)

/** Whether an episode is one of the share that is asked about: by a keyed hash of what it is, so that every replica and every look decides alike. */
export function isSampled(key: string, about: string, share: number): boolean {
  const digest = createHmac('sha256', key).update(about).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48 < share
}

/** Episodes that are over, began since a look, and stayed under the threshold: those that nobody was alerted of. */
export function quietEpisodes(
  episodes: readonly Episode[],
  { threshold, fromMinute, nowMinute }: { threshold: number; fromMinute: number; nowMinute: number },
): Episode[] {
  return episodes.filter(
    ({ startMinute, endMinute, peak }) =>
      peak < threshold && startMinute >= fromMinute && endMinute + EPISODES.gapMinutes + 1 < nowMinute,
  )
}

export function questionOf(
  { stream, entityId }: { readonly stream: string; readonly entityId: string },
  { startMinute, endMinute, peak }: Episode,
  { id, share, nowMs }: { id: string; share: number; nowMs: number },
): Question {
  const until = endMinute + 1
  return {
    id,
    stream,
    entity_id: entityId,
    from: iso(startMinute),
    to: iso(until),
    severity: peak,
    probability: share,
    text: `Was anything wrong with ${entityId} on ${iso(startMinute).slice(0, 10)} from ${clock(startMinute)} to ${clock(until)} UTC?`,
    asked_at: new Date(nowMs).toISOString(),
  }
}

import type { Incident } from '@adf/contract'

const MINUTE_MS = 60_000
/** What there was just before belongs to it. */
const BEFORE = 2
const MOST = 60

/** Times at which the graph is looked at to see an incident go by, a minute apart: from two minutes before it began to its end, an hour at most. */
export function framesOf(
  { started_at, resolved_at }: Pick<Incident, 'started_at' | 'resolved_at'>,
  now: number,
): readonly string[] {
  const start = Date.parse(started_at) - BEFORE * MINUTE_MS
  const end = Math.min(now, resolved_at === null ? now : Date.parse(resolved_at) + MINUTE_MS)
  const count = Math.min(MOST, Math.floor((end - start) / MINUTE_MS) + 1)
  return Array.from({ length: Math.max(0, count) }, (_, i) => new Date(start + i * MINUTE_MS).toISOString())
}

import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import { EPISODES, type Peak } from '../tuner/episode.ts'
import { MOST } from '../tuner/severity.ts'
import { placeKey } from './roster.ts'

const MINUTE_MS = 60_000
const WEEK_MINUTES = 7 * 1440

interface Kept {
  /** Those over the floor alone, ascending: what episodes are made of. */
  readonly peaks: readonly Peak[]
  readonly fromMinute: number
  /** Exclusive. */
  readonly toMinute: number
}

/** Severities of one entity, as far as they are known. */
export interface Scores extends Kept {
  /** All that came since the last time, ascending. */
  readonly fresh: readonly Peak[]
}

/**
 * The last week's severities of entities, fetched once and then only what is new. Whole minutes alone: the largest severity of a
 * minute that is not over may still grow. Whoever was not asked for longest is forgotten first.
 */
export class ScoreCache {
  readonly #most: number
  readonly #kept = new Map<string, Kept>()

  /** @param most entities at once */
  constructor(most: number) {
    this.#most = most
  }

  /** The next time everything is fetched, and fresh, again. */
  clear(): void {
    this.#kept.clear()
  }

  /** None where the processor has none, as after a crash that came before they were stored. @throws ProcessorError */
  async read(
    processor: Processor,
    { stream, entityId }: { readonly stream: string; readonly entityId: string },
    nowMs: number,
    signal?: AbortSignal,
  ): Promise<Scores> {
    const key = placeKey(stream, entityId)
    const toMinute = Math.floor(nowMs / MINUTE_MS)
    const oldest = toMinute - WEEK_MINUTES
    const before = this.#kept.get(key)
    const since = Math.max(oldest, before?.toMinute ?? oldest)
    const fresh =
      since < toMinute
        ? await fetchPeaks(processor, { stream, entityId }, since, toMinute, signal).catch(noneIfUnknown)
        : []
    const kept: Kept = {
      peaks: [
        ...(before?.peaks ?? []).filter(({ minute }) => minute >= oldest),
        ...fresh.filter(({ severity }) => severity >= EPISODES.floor),
      ],
      fromMinute: Math.max(oldest, before?.fromMinute ?? oldest),
      toMinute: Math.max(toMinute, before?.toMinute ?? 0),
    }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    for (const oldestKey of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break
      this.#kept.delete(oldestKey)
    }
    return { ...kept, fresh }
  }
}

function noneIfUnknown(error: unknown): Peak[] {
  if (error instanceof ProcessorError && error.status === 404) return []
  throw error
}

/** @throws ProcessorError */
export async function fetchPeaks(
  processor: Pick<Processor, 'scores'>,
  { stream, entityId }: { readonly stream: string; readonly entityId: string },
  fromMinute: number,
  toMinute: number,
  signal?: AbortSignal,
): Promise<Peak[]> {
  const from = new Date(fromMinute * MINUTE_MS).toISOString()
  const to = new Date(toMinute * MINUTE_MS).toISOString()
  const history = await processor.scores({ stream, entity: entityId, from, to }, signal)
  const first = Math.floor(Date.parse(history.from) / MINUTE_MS)
  const each = history.interval_s / 60
  return history.severities.flatMap((severity, at) =>
    severity === null ? [] : [{ minute: Math.floor(first + at * each), severity: Math.min(MOST, severity) }],
  )
}

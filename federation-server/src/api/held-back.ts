import type { Announcements } from '../coordinator/announcements.ts'
import type { WaitingPlaces } from './waiting-places.ts'

/** A request whose answer may wait. */
export interface Waiting {
  /** Whose changes may bring an answer. */
  readonly runs: readonly string[]
  readonly client: string
  readonly waitMs: number
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal
}

/** How to look for an answer. */
export interface Look {
  /** There must be one now. */
  readonly last: boolean
  /** It could wait: whoever asks again may do so at once. */
  readonly waits: boolean
}

export interface HoldingPorts {
  readonly announcements: Announcements
  readonly places: WaitingPlaces
  readonly clock: () => number
}

/**
 * Looks for an answer, and again at each change of the runs, until there is one; at last when the time is over, nobody waits any more, all are sent
 * away, or there is no place to wait.
 *
 * @param look undefined: nothing worth an answer yet, unless it is the last time
 */
export async function heldBack<T>(
  { announcements, places, clock }: HoldingPorts,
  { runs, client, waitMs, signal }: Waiting,
  look: (how: Look) => Promise<T | undefined>,
): Promise<T> {
  const untilMs = clock() + waitMs
  const place = waitMs > 0 ? places.take(client) : undefined
  const waits = place !== undefined
  try {
    for (;;) {
      const listener = announcements.listen(runs)
      try {
        const last = !waits || clock() >= untilMs || signal.aborted || announcements.closed
        const found = await look({ last, waits })
        if (found !== undefined) return found
        await listener.changed(untilMs - clock(), signal)
      } finally {
        listener.end()
      }
    }
  } finally {
    place?.()
  }
}

/** Clocks of exporters are compared in doubles of milliseconds; starts and ends that should touch may differ by so much. */
const TOUCH_MS = 1

export interface Previous {
  readonly startMs: number
  readonly timeMs: number
}

/**
 * What a point of a sum or histogram says: its value minus that of the previous point (`difference`), its value as it is
 * (`whole`), or nothing yet (`base`: it is only what the next one is compared with). `ignored` points change nothing.
 */
export type Interval =
  | { readonly take: 'difference' | 'whole'; readonly fromMs: number; readonly note?: 'reset' | 'gap' }
  | { readonly take: 'base'; readonly note?: 'reset' }
  | { readonly take: 'ignored'; readonly reason: 'no_time' | 'out_of_order' | 'overlap' }

export interface Known {
  /** Time of the source's collection before this one, NaN when there was none: a series that was not in it began after it. */
  readonly collectedMs: number
  /** A cumulative series that is new to us and older than this says little about now. */
  readonly maxAgeMs: number
}

const IGNORED = {
  noTime: { take: 'ignored', reason: 'no_time' },
  outOfOrder: { take: 'ignored', reason: 'out_of_order' },
  overlap: { take: 'ignored', reason: 'overlap' },
} as const satisfies Record<string, Interval>

/**
 * Which interval a cumulative point covers (OpenTelemetry data model, "Resets and gaps"): `start < time` on a first point
 * is a true reset, `start == time` (or none) an unknown start. A first point of a source that was collected before counts
 * from that collection on, else the first error of a long-running service would be spread over its whole life.
 */
export function cumulativeInterval(
  previous: Previous | undefined,
  startMs: number,
  timeMs: number,
  known: Known,
): Interval {
  if (!(timeMs > 0)) return IGNORED.noTime
  const begun = startMs > 0 && startMs < timeMs
  if (previous === undefined) {
    if (!begun) return { take: 'base' }
    if (known.collectedMs < timeMs)
      return { take: 'whole', fromMs: Math.max(startMs, known.collectedMs), note: 'reset' }
    return timeMs - startMs <= known.maxAgeMs
      ? { take: 'whole', fromMs: startMs, note: 'reset' }
      : { take: 'base' }
  }
  if (timeMs <= previous.timeMs) return IGNORED.outOfOrder
  if (startMs === timeMs) return { take: 'base', note: 'reset' }
  if (begun && startMs > previous.startMs && startMs >= previous.timeMs - TOUCH_MS)
    return { take: 'whole', fromMs: startMs, note: 'reset' }
  return { take: 'difference', fromMs: previous.timeMs }
}

/** Which interval a delta point covers. It should begin where the previous one ended; later is a gap, earlier an overlap. */
export function deltaInterval(
  previous: Previous | undefined,
  startMs: number,
  timeMs: number,
  known: Known,
): Interval {
  if (!(timeMs > 0)) return IGNORED.noTime
  const begun = startMs > 0 && startMs < timeMs
  // Series without a recording are left out of a delta export: the series was at rest until the collection before this.
  const rested = known.collectedMs < timeMs ? known.collectedMs : Number.NaN
  if (previous === undefined) {
    if (!begun) return Number.isNaN(rested) ? { take: 'base' } : { take: 'whole', fromMs: rested }
    return { take: 'whole', fromMs: Number.isNaN(rested) ? startMs : Math.min(startMs, rested) }
  }
  if (timeMs <= previous.timeMs) return IGNORED.outOfOrder
  if (!begun) return { take: 'whole', fromMs: Math.max(previous.timeMs, rested || 0) }
  if (startMs < previous.timeMs - TOUCH_MS) return IGNORED.overlap
  if (startMs <= previous.timeMs + TOUCH_MS) return { take: 'whole', fromMs: previous.timeMs }
  if (rested > previous.timeMs + TOUCH_MS) return { take: 'whole', fromMs: Math.min(startMs, rested) }
  return { take: 'whole', fromMs: startMs, note: 'gap' }
}

import type { SlotSeries } from '../graph/slots.ts'
import type { LogSlots } from './options.ts'

/** Steps that a window is judged by: rare records are told from none over a few slots together. */
const STEPS = 6

/** Slots of event time in steps of some slots each, first those of history, then those of the window; oldest first. */
export interface Timeline {
  /** Steps of history, and of the window. */
  readonly history: number
  readonly window: number
  /** Steps before this one are over. */
  readonly complete: number
  /** Length of each step as far as anything was seen in it. */
  readonly seconds: Float64Array
  startOf(step: number): number
  endsBefore(step: number, slot: number): boolean
  /** A sum of a series' owner per step. */
  read(series: SlotSeries, owner: number, field: number): Float64Array
  sum(amount: (slot: number) => number): Float64Array
}

/** Only slots in which any service wrote anything count, so that a gap in the data is not silence. `services`: owner 0 is all. */
export function timelineOf(
  services: SlotSeries,
  { slot: slotMs, history }: LogSlots,
  fromMs: number,
  nowMs: number,
): Timeline {
  const first = Math.floor(fromMs / slotMs)
  const last = Math.ceil(nowMs / slotMs) - 1
  const oldest = Math.floor((fromMs - history) / slotMs)
  const width = Math.max(1, Math.ceil((last - first + 1) / STEPS))
  const slots: number[] = []
  services.each(0, (slot) => {
    if (slot >= oldest && slot <= last) slots.push(slot)
  })
  slots.reverse()
  const keys = [...new Set(slots.map((slot) => Math.floor((slot - first) / width)))]
  const steps = new Map(keys.map((key, step) => [key, step]))
  const stepOf = (slot: number) => steps.get(Math.floor((slot - first) / width))
  const sum = (amount: (slot: number) => number) => {
    const sums = new Float64Array(keys.length)
    for (const slot of slots) {
      const step = stepOf(slot)
      if (step !== undefined) sums[step] = sums[step]! + amount(slot)
    }
    return sums
  }
  const before = keys.filter((key) => key < 0).length
  const running = keys.findIndex((key) => (first + (key + 1) * width) * slotMs > nowMs)
  return {
    history: before,
    window: keys.length - before,
    complete: running < 0 ? keys.length : running,
    seconds: sum(() => slotMs / 1000),
    startOf: (step) => (first + (keys[step] ?? 0) * width) * slotMs,
    endsBefore: (step, slot) => first + ((keys[step] ?? 0) + 1) * width <= slot,
    read: (series, owner, field) => {
      const sums = new Float64Array(keys.length)
      series.each(owner, (slot, value) => {
        const step = slot >= oldest && slot <= last ? stepOf(slot) : undefined
        if (step !== undefined) sums[step] = sums[step]! + value(field)
      })
      return sums
    },
    sum,
  }
}

import { minuteStart, type NezhaSet } from '../nezha-set.ts'

const MINUTE_MS = 60_000

/** What was recorded in a minute, and when it is to be taken for. */
export interface Minute {
  readonly name: string
  readonly traces: string | undefined
  readonly logs: string | undefined
  /** Added to every time in it. */
  readonly shiftMs: number
}

/**
 * Minutes in the order in which they are read. Those without faults are history for their whole day, as the authors of the data set use
 * them: recorded later than the day's first fault, they are read as if they had come right before the day began.
 */
export function minutesOf({ traces, logs, faultFree, faults }: NezhaSet): Minute[] {
  const names = sorted([...traces.keys(), ...logs.keys(), ...faults.map(({ judgedMinute }) => judgedMinute)])
  const free = sorted([...faultFree.traces.keys(), ...faultFree.logs.keys()])
  return [...Map.groupBy(names, dayOf)].flatMap(([day, own]) => {
    const before = free.filter((name) => dayOf(name) === day)
    const endMs = minuteStart(own[0]!) - MINUTE_MS
    return [
      ...before.map((name, i) => ({
        name,
        traces: faultFree.traces.get(name),
        logs: faultFree.logs.get(name),
        shiftMs: Math.min(0, endMs - (before.length - i) * MINUTE_MS - minuteStart(name)),
      })),
      ...own.map((name) => ({ name, traces: traces.get(name), logs: logs.get(name), shiftMs: 0 })),
    ]
  })
}

const sorted = (names: readonly string[]) => [...new Set(names)].sort()
const dayOf = (minute: string) => minute.slice(0, minute.indexOf('T'))

import { type BoundOptions, type Bounds, boundsOf } from '../../bounds.ts'
import { type Curve, costAt } from '../../evidence/curve.ts'
import type { Outlook, Reader } from '../../evidence/reader.ts'
import type { History } from '../../history.ts'
import { DOUBLING, rounded } from '../../severity.ts'
import { MOVES, stateOf } from './state.ts'
import type { QTable } from './table.ts'

/** Thresholds that are replayed, in steps from the untuned one. */
const FROM = -3
const TO = 10
/** Entities that are replayed, at the most. */
const MOST = 30

export interface Learning {
  readonly rate: number
  readonly gamma: number
  /** Cost of a step as such, in false alerts a day: thresholds should not wander. */
  readonly stepCost: number
  readonly caution: number
}

/**
 * Teaches the table by replay: what was known in the middle of the stored time decides the state, and what came afterwards what each action
 * would have earned there. So a pull that did not come true is worth little before the first step is made. (Experience replay; the
 * rewards come from stored peaks and verdicts, as in Dyna, R. S. Sutton 1990.)
 */
export function warmStart(
  table: QTable,
  company: readonly History[],
  nowMinute: number,
  reader: Reader,
  limits: BoundOptions,
  learning: Learning,
): void {
  const judged = company
    .filter(({ episodes }) => episodes.some(({ verdicts }) => verdicts.length > 0))
    .slice(0, MOST)
  const middle = medianGiven(judged)
  const before = company.map((history) => until(history, middle))
  for (const history of judged) {
    const early = before[company.indexOf(history)]!
    const then = reader.outlook(early, before, middle, 0)
    const came = reader.outlook(history, company, nowMinute, 0, Math.max(history.fromMinute, middle))
    replay(table, then, came.curve, history.initial, boundsOf(history.initial, limits), learning)
  }
}

/** Both moves at all thresholds of one entity: the state by what was known then, the reward by what came. */
function replay(
  table: QTable,
  then: Outlook,
  came: Curve,
  initial: number,
  bounds: Bounds,
  { rate, gamma, stepCost, caution }: Learning,
): void {
  const allowed = (threshold: number) => threshold >= bounds.low && threshold <= bounds.high
  for (let k = FROM; k <= TO; k++) {
    const from = rounded(initial + k * DOUBLING)
    if (!allowed(from)) continue
    const state = stateOf(then, from, bounds, caution)
    for (const action of MOVES) {
      const to = rounded(from + STEPS[action])
      if (!allowed(to)) continue
      const reward = rewardOf(costAt(came, to) - costAt(came, from), stepCost)
      table.update(state.place, action, reward, stateOf(then, to, bounds, caution).place, rate, gamma)
    }
  }
}

const STEPS = { up: DOUBLING, down: -DOUBLING } as const

/** In false alerts a day, beside not having moved; clipped, so that one bad day does not rule the table. */
export const rewardOf = (costChange: number, stepCost: number): number =>
  Math.max(-1, Math.min(1, -costChange)) - stepCost

/** What was known by then. */
function until(history: History, minute: number): History {
  const episodes = history.episodes
    .filter(({ endMinute }) => endMinute <= minute)
    .map((episode) => ({
      ...episode,
      verdicts: episode.verdicts.filter(({ givenAtMinute }) => givenAtMinute <= minute),
    }))
  return { ...history, episodes, fromMinute: Math.min(history.fromMinute, minute), toMinute: minute }
}

function medianGiven(judged: readonly History[]): number {
  const times = judged
    .flatMap(({ episodes }) =>
      episodes.flatMap(({ verdicts }) => verdicts.map(({ givenAtMinute }) => givenAtMinute)),
    )
    .sort((a, b) => a - b)
  return times[times.length >> 1] ?? 0
}

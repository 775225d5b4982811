import { median, spread } from '../vector/order.ts'

/** Values kept of each feature, of updates that were not held back; the latest. */
const KEPT = 256
/** Fewer say nothing about what is usual. */
const FEWEST_KEPT = 20
const FEWEST_PEERS = 4

/** The latest values of a feature, the oldest first: as they were, and how far above the median of their round. */
export interface RobustHistory {
  readonly values: readonly number[]
  readonly above: readonly number[]
}

export const noHistory: RobustHistory = { values: [], above: [] }

/**
 * How many robust standard deviations the values of a round are above what is usual. From one round to the next all norms may shrink, so a
 * value is seen against the median of its round; but not against the spread of it, which a few attackers widen: how far values
 * lie from that median is known from earlier rounds. The round's own spread is used while there is no history, history alone in a round of few.
 * 0 while there is nothing to compare with.
 *
 * @param floor smallest standard deviation that is believed
 */
export function deviationsAbove(history: RobustHistory, values: readonly number[], floor: number): number[] {
  const lone = values.length < FEWEST_PEERS
  const old = (lone ? history.values : history.above).length >= FEWEST_KEPT
  if (lone && !old) return values.map(() => 0)
  const own = lone ? values : aboveMedian(values)
  const usual = lone ? history.values : old ? history.above : own
  const centre = median(usual)
  const scale = Math.max(floor, spread(usual, centre))
  return own.map((value) => Math.max(0, (value - centre) / scale))
}

/** @param values of the round, @param clean which of them were not held back */
export function remembered(
  history: RobustHistory,
  values: readonly number[],
  clean: readonly boolean[],
): RobustHistory {
  const kept = (of: readonly number[]) => of.filter((_, i) => clean[i])
  return {
    values: [...history.values, ...kept(values)].slice(-KEPT),
    above: [...history.above, ...(values.length < FEWEST_PEERS ? [] : kept(aboveMedian(values)))].slice(
      -KEPT,
    ),
  }
}

function aboveMedian(values: readonly number[]): number[] {
  const centre = median(values)
  return values.map((value) => value - centre)
}

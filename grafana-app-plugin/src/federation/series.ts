import type { Round } from '@adf/contract/federation'

/** Rounds of a run as columns, oldest first: what the charts draw. Rounds that have not ended are left out. */
export interface RoundSeries {
  /** When each ended, Unix milliseconds. */
  readonly times: readonly number[]
  /** Mean square error before training, in standard deviations; null where no client told it. */
  readonly loss: readonly (number | null)[]
  readonly selected: readonly number[]
  readonly received: readonly number[]
  readonly used: readonly number[]
  readonly up: readonly number[]
  readonly down: readonly number[]
  /** Milliseconds from opening to end. */
  readonly duration: readonly number[]
}

/** @param rounds in any order */
export function seriesOf(rounds: readonly Round[]): RoundSeries {
  const ended = rounds
    .flatMap((round) => (round.closed_at === null ? [] : [{ ...round, at: Date.parse(round.closed_at) }]))
    .sort((a, b) => a.at - b.at || a.round - b.round)
  return {
    times: ended.map(({ at }) => at),
    loss: ended.map(({ loss }) => loss),
    selected: ended.map(({ selected }) => selected),
    received: ended.map(({ received }) => received),
    used: ended.map(({ used }) => used),
    up: ended.map(({ bytes }) => bytes.up),
    down: ended.map(({ bytes }) => bytes.down),
    duration: ended.map(({ at, opened_at }) => Math.max(0, at - Date.parse(opened_at))),
  }
}

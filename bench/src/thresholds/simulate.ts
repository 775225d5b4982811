import { COST, type CostOptions, type History, type Judged } from '@adf/alertmanager-webhook'
import type { Contestant } from './contestants.ts'
import { type OperatorOptions, verdictOn } from './operator.ts'
import type { ScoredStream, TrueEpisode } from './scored-stream.ts'

/** What came of a run, over its second half. */
export interface Outcome {
  /** Of an entity in a day, in false alerts. */
  readonly cost: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
}

const TICK_MINUTES = 360
const STORED_MINUTES = 7 * 1440
const DAY_MINUTES = 1440

/**
 * Runs time over a stream: every six hours the contestant sees what was stored and judged, and says the thresholds; episodes that begin from
 * then on fire or do not. Which verdicts there are depends on its own thresholds.
 */
export function simulate(
  stream: ScoredStream,
  contestant: Contestant,
  operator: OperatorOptions,
  cost: CostOptions = COST,
): Outcome {
  const { entities, fromMinute, toMinute } = stream
  const tuning = contestant.begin(entities, operator.seed)
  const judged: Judged[][] = entities.map(() => [])
  const fired: boolean[][] = entities.map(() => [])
  const peakAt = entities.map(() => 0)
  let thresholds: readonly number[] = entities.map(({ initial }) => initial)
  let left = operator.verdicts
  for (let now = fromMinute; now < toMinute; now += TICK_MINUTES) {
    for (const [e, { peaks }] of entities.entries()) {
      const start = peakAt[e]!
      let at = start
      while (at < peaks.length && peaks[at]!.minute < now) at++
      peakAt[e] = at
      tuning.observe(e, peaks.slice(start, at))
    }
    const histories = entities.map(({ entity, initial }, e): History => {
      const stored = Math.max(fromMinute, now - STORED_MINUTES)
      const episodes = judged[e]!.filter(
        ({ endMinute, startMinute, verdicts }) =>
          endMinute + 30 < now && (startMinute >= stored || verdicts.length > 0),
      )
      return { entity, initial, episodes, fromMinute: stored, toMinute: now }
    })
    if (now > fromMinute) thresholds = tuning.thresholds(now, histories)
    // In the order of time over all entities: the verdicts there are go to the first who ask.
    const coming = entities.flatMap(({ episodes }, e) =>
      episodes
        .filter(({ startMinute }) => startMinute >= now && startMinute < now + TICK_MINUTES)
        .map((episode) => ({ episode, e })),
    )
    coming.sort((a, b) => a.episode.startMinute - b.episode.startMinute)
    for (const { episode, e } of coming) {
      const fires = episode.peak >= thresholds[e]!
      fired[e]!.push(fires)
      const verdict = left > 0 ? verdictOn(episode, e, fires, operator) : undefined
      if (verdict !== undefined) left--
      judged[e]!.push({ ...plain(episode), verdicts: verdict === undefined ? [] : [verdict] })
    }
  }
  return outcomeOf(stream, fired, cost)
}

const plain = ({ startMinute, endMinute, peak }: TrueEpisode) => ({ startMinute, endMinute, peak })

function outcomeOf(
  { entities, fromMinute, toMinute }: ScoredStream,
  fired: boolean[][],
  cost: CostOptions,
): Outcome {
  const half = fromMinute + (toMinute - fromMinute) / 2
  let [truePositives, falsePositives, falseNegatives, sum] = [0, 0, 0, 0]
  for (const [e, { episodes }] of entities.entries()) {
    const pages = new Map<number, number>()
    for (const [i, { useful, peak, startMinute }] of episodes.entries()) {
      if (startMinute < half) continue
      const fires = fired[e]![i]!
      if (fires) {
        const day = Math.floor(startMinute / DAY_MINUTES)
        pages.set(day, (pages.get(day) ?? 0) + 1)
        if (useful) truePositives++
        else falsePositives++
      } else if (useful) {
        falseNegatives++
        sum += cost.falseNegative * peak
      }
    }
    for (const count of pages.values()) sum += cost.page * Math.max(0, count - cost.pagesPerDay)
  }
  sum += cost.falsePositive * falsePositives
  const days = (toMinute - half) / DAY_MINUTES
  return { cost: sum / (entities.length * days), truePositives, falsePositives, falseNegatives }
}

/** Alerts of the untuned thresholds. */
export const untunedAlerts = ({ entities }: ScoredStream): number =>
  entities.reduce(
    (sum, { episodes, initial }) => sum + episodes.filter(({ peak }) => peak >= initial).length,
    0,
  )

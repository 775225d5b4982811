import type { TunedEntity, TunerPool } from '@adf/contract/feedback'
import { CADENCE, type CadenceOptions, verdictsSince } from '../tuner/guard/cadence.ts'
import type { History, Judged } from '../tuner/history.ts'
import { readKinds } from '../tuner/policy/q-learning/saved.ts'
import { ACTIONS, STATES } from '../tuner/policy/q-learning/state.ts'
import type { Json } from '../tuner/policy.ts'
import { whatIf } from '../tuner/what-if.ts'
import { stateInWords } from './told-step.ts'
import type { Looked } from './tuning.ts'

type Interval = readonly [low: number, estimate: number, high: number]

const Z = 1.959_964

/**
 * A share with its 95 % interval after Wilson, from weighted counts; null without any.
 *
 * @see Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927)
 */
function shareOf(good: number, all: number): [number, number, number] | null {
  if (all <= 0) return null
  const p = good / all
  const z2 = Z * Z
  const middle = (p + z2 / (2 * all)) / (1 + z2 / all)
  const half = (Z / (1 + z2 / all)) * Math.sqrt((p * (1 - p)) / all + z2 / (4 * all * all))
  return [Math.max(0, middle - half), p, Math.min(1, middle + half)]
}

const balanceOf = ({ verdicts }: Judged): number =>
  verdicts.reduce((sum, { value, weight }) => sum + (value === 'true_positive' ? weight : -weight), 0)

/** Share of useful ones among the judged episodes that alerted, and of what was wrong that was told: answers to questions stand for as many as were not asked. */
function worthOf({ episodes }: Pick<History, 'episodes'>): {
  precision: Interval | null
  recall: Interval | null
} {
  let useful = 0
  let noise = 0
  let untold = 0
  let looked = false
  for (const episode of episodes) {
    const { verdicts } = episode
    if (verdicts.length === 0) continue
    if (verdicts.some(({ origin }) => origin === 'fired')) {
      if (balanceOf(episode) >= 0) useful++
      else noise++
      continue
    }
    looked = true
    if (balanceOf(episode) >= 0) untold += 1 / Math.min(...verdicts.map(({ propensity }) => propensity))
  }
  return {
    precision: shareOf(useful, useful + noise),
    recall: looked ? shareOf(useful, useful + untold) : null,
  }
}

const HOUR_MS = 3_600_000
const percent = (share: number) => `${Math.round(100 * share)} %`

export function tunedEntity(looked: Looked, cadence: CadenceOptions = CADENCE): TunedEntity {
  const { place, history, state, threshold, heldBy, frozen } = looked
  const { lastMinute } = state.record
  const told = lastMinute === null ? Number.POSITIVE_INFINITY : verdictsSince(history, lastMinute)
  const { precision, recall } = worthOf(history)
  const past = whatIf(history, threshold)
  const verdicts = history.episodes.reduce((sum, one) => sum + one.verdicts.length, 0)
  const due = lastMinute === null ? undefined : lastMinute * 60_000 + cadence.hours * HOUR_MS
  return {
    stream: place.stream,
    entity_id: place.entityId,
    threshold,
    initial_threshold: place.initial,
    held_by: heldBy,
    frozen,
    verdicts,
    until_next_step: Math.max(0, cadence.verdicts - Math.min(told, cadence.verdicts)),
    not_before: due === undefined ? null : new Date(due).toISOString(),
    precision: precision && [...precision],
    recall: recall && [...recall],
    alerts_per_day: past.alertsPerDay,
    text: textOf(looked, precision, past.alertsPerDay),
  }
}

function textOf(
  { heldBy, frozen, threshold, state }: Looked,
  precision: Interval | null,
  perDay: number,
): string {
  const judged =
    precision === null
      ? 'nobody has judged its alerts yet'
      : `${percent(precision[1])} of its judged alerts were useful`
  const alerts = `${perDay.toFixed(1)} alerts a day at ${Math.round(100 * threshold) / 100}`
  const held =
    heldBy === 'operator'
      ? 'An operator holds this threshold; the tuner does not touch it'
      : frozen
        ? 'Frozen: the tuner does not touch it'
        : state.pending !== null
          ? 'A step is on its way to the processor'
          : heldBy === 'tuner'
            ? 'Tuned'
            : 'Untuned'
  return `${held}: ${judged}, ${alerts}.`
}

/** What the tuner knows of the entities of one stream together. */
export function tunerPool(
  stream: string,
  looked: readonly Looked[],
  {
    values,
    budget,
    frozen,
  }: { values: Record<string, Record<string, number>>; budget: number; frozen: boolean },
): TunerPool {
  const histories = looked.map(({ history }) => history)
  const { precision } = worthOf({ episodes: histories.flatMap(({ episodes }) => episodes) })
  const verdicts = histories.reduce(
    (sum, { episodes }) => sum + episodes.reduce((n, one) => n + one.verdicts.length, 0),
    0,
  )
  const alerts = looked.reduce(
    (sum, { history, threshold }) => sum + whatIf(history, threshold).alertsPerDay,
    0,
  )
  return {
    stream,
    entities: looked.length,
    verdicts,
    state:
      precision === null ? 'nothing was judged yet' : `${percent(precision[1])} of judged alerts were useful`,
    values,
    alerts_per_day: alerts,
    budget_per_day: budget * looked.length,
    frozen,
  }
}

/** The Q-table of a kind in what the policy saved, by state and action; empty for policies without one. */
export function valuesOf(saved: Json, kind: string): Record<string, Record<string, number>> {
  const table = readKinds(saved)?.get(kind)?.table
  if (table === undefined) return {}
  return Object.fromEntries(
    STATES.map((state, at) => [
      stateInWords(state),
      Object.fromEntries(ACTIONS.map((action) => [action, table.value(at, action)])),
    ]),
  )
}

import type { AnomalyType } from '@adf/contract'
import { logNormal, normal, seededRandom, seedOf } from '../runtime/random.ts'
import { planAnomalies, type Segment } from './anomalies.ts'
import { FEATURES, type FeatureShape } from './features.ts'

export interface GenerateOptions {
  /** Any name; each has levels of its own. */
  readonly service: string
  readonly hours: number
  readonly intervalMs: number
  readonly seed: number
  /** Share of rows with an anomaly, 0 … 0.3. */
  readonly rate: number
  readonly startMs: number
}

export interface Row {
  readonly timeMs: number
  /** One for each of FEATURES. */
  readonly values: readonly number[]
  /** undefined: normal. */
  readonly type: AnomalyType | undefined
}

const DAY_MS = 86_400_000
export const MAX_ROWS = 10_000_000

/** A day's wave with its peak at 14:00 UTC and a small second one in the evening; about -1 … 1. */
export function seasonAt(timeMs: number): number {
  const angle = (2 * Math.PI * (timeMs % DAY_MS)) / DAY_MS - (2 * Math.PI * 14) / 24
  return (Math.cos(angle) + 0.25 * Math.cos(2 * angle + 1)) / 1.2
}

/**
 * Labelled data of one service: daily season, trend, noise that remembers a little (AR(1), 0.6), load that moves the features together,
 * and anomalies of all three types. The same options give the same rows.
 * - point: one row far outside (4 to 12 times the normal spread, at least half as much again);
 * - contextual: values of the busiest hour at a quiet one, each of them common by itself;
 * - collective: a stretch in which values stand still at the height they had when it began: no single one of them is odd.
 */
export function* generateRows(options: GenerateOptions): Generator<Row> {
  const { intervalMs, startMs } = options
  const rows = Math.floor((options.hours * 3_600_000) / intervalMs)
  const random = seededRandom(seedOf(options.seed, options.service))
  const levels = FEATURES.map((shape) =>
    shape.max === 100 ? shape.base : logNormal(random, shape.base, 0.25),
  )
  const season = (row: number) => seasonAt(startMs + row * intervalMs)
  const segments = planAnomalies(
    rows,
    options.rate,
    season,
    seededRandom(seedOf(options.seed, `${options.service} anomalies`)),
  )
  const memory = FEATURES.map(() => 0)
  let load = 0
  let next = 0
  for (let row = 0; row < rows; row++) {
    const timeMs = startMs + row * intervalMs
    while (next < segments.length && row >= end(segments[next])) next++
    const segment = segments[next]
    const active = segment && row >= segment.start ? segment : undefined
    load = 0.8 * load + 0.03 * normal(random)
    const values = FEATURES.map((shape, i) => {
      const noise = 0.6 * memory[i]! + 0.8 * normal(random)
      memory[i] = noise
      // Drawn for every row, in an anomaly or not: an anomaly changes its own rows only.
      const size = 4 + 8 * random()
      const level = levels[i]! * (1 + shape.trendPerDay * ((timeMs - startMs) / DAY_MS))
      const normalValue = level * (1 + shape.season * (season(row) + load) + shape.noise * noise)
      if (!active?.features.includes(shape.name)) return clamp(normalValue, shape)
      const still = level * (1 + shape.season * season(active.start) + 0.02 * shape.noise * noise)
      const busiest = level * (1 + shape.season + shape.noise * noise)
      const far = normalValue + level * size * Math.max(shape.noise, 0.125)
      return clamp({ point: far, contextual: busiest, collective: still }[active.type], shape)
    })
    yield { timeMs, values, type: active?.type }
  }
}

const end = (segment: Segment | undefined) => (segment ? segment.start + segment.length : 0)

/** Where a value would leave its range it is folded back in, so that it does not stick to the limit. */
function clamp(value: number, { min, max }: FeatureShape): number {
  if (value < min) return Math.min(max, 2 * min - value)
  return value > max ? Math.max(min, max - (value - max) * 0.01) : value
}

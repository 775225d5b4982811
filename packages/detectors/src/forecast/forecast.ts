import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { optionsLayer, sameOptions } from '../codec/options.ts'
import type { Detector, Explanation } from '../detector.ts'
import { type Feature, namesOf } from '../feature.ts'
import type { History } from '../history.ts'
import { countedOf, explainResiduals, residualScore } from '../residual/residual.ts'
import { findSeasons } from '../seasonal/seasons.ts'
import { slopes } from '../seasonal/trend.ts'
import { Standardiser } from '../standardiser/standardiser.ts'
import { Scales } from '../statistics/scales.ts'
import type { Forecaster } from './forecaster.ts'
import { gridFor, withoutGaps } from './grid.ts'
import { smoothing } from './smoothing.ts'

export interface ForecastOptions {
  readonly features: readonly Feature[]
  /** Periods in ms; left out: found in the history, at most 2. */
  readonly seasonsMs?: readonly number[]
  /** Steps of the grid that are forecast; a season takes no more. */
  readonly horizon: number
  /** Steps of the grid that are kept to forecast from: three of the longest season are taken to fit in. */
  readonly memory: number
  /** Learned vectors after which the scale weighs half. */
  readonly halfLife: number
}

const KIND = 'forecast'
const VERSION = 2
const MINIMUM = 30
const MOST_FOUND = 2
const CYCLES = 3
/** Last part of the history that is forecast from the rest, to see how far off forecasts are. */
const HELD_OUT = 0.25
/** Smallest scale, in standard deviations of the feature itself. */
const FLOOR = 0.1
const CLIP = 5

/**
 * Deviation of each feature from its forecast: the bands for `horizon` steps ahead are made when it is fitted, and again when half of them are used
 * up; in between scoring reads them. Past the horizon the last season is repeated.
 *
 * The history is averaged to a grid of time on which each season is a whole number of steps, freed of its trend, and forecast by a `Forecaster`:
 * exponential smoothing by default, quick enough to renew the bands as vectors are learned; a slow one (augurs' MSTL) renews them only
 * when the trainer calls `renew`. The scale of a deviation is that of forecasts of the last quarter from the rest, widened as the band is.
 *
 * Raw score: mean of the largest absolute deviations (one feature in six), each in its scale. Fails when: the history holds fewer than two
 * cycles, a peak is shorter than a step of the grid, or the level moves within the horizon more than it did in the history. Cost O(features) a vector; a
 * renewal O(features × memory × weights tried), 15 ms for 17 × 288 × 10. State: features × (8·horizon + 4·memory) bytes.
 *
 * Source: R. Hyndman, G. Athanasopoulos: Forecasting, principles and practice (2021); prediction bands for anomalies as in
 * Y. Chen et al., J. D. Brutlag: Aberrant behavior detection in time series for network monitoring (LISA 2000).
 */
export class ForecastDetector implements Detector {
  readonly name = KIND
  readonly features: readonly string[]
  readonly #options: ForecastOptions
  readonly #forecaster: Forecaster
  readonly #standardiser: Standardiser
  readonly #scales: Scales
  readonly #counted: number
  readonly #point: Float32Array
  readonly #halfWidth: Float32Array
  /** Ring of the grid's cells, NaN where nothing is known, and sums and counts of the cell that is filling. */
  readonly #cells: Float32Array
  readonly #filling: Float64Array
  /** Vectors fitted, cell in ms, number of the cell that is filling, first cell of the bands. */
  readonly #state = Float64Array.of(0, 1, 0, 0)
  readonly #meanWidth: Float64Array
  /** Per cell, of the trend that is added to the bands. */
  readonly #slope: Float64Array
  /** Step of the bands that was read last. */
  #step = 0
  #periods: readonly number[] = []
  readonly #vector: Float64Array
  readonly #expected: Float64Array
  readonly #scale: Float64Array
  readonly #deviation: Float64Array

  constructor(options: ForecastOptions, forecaster: Forecaster = smoothing) {
    const { horizon, memory } = options
    const width = options.features.length
    if (!(horizon >= 2 && memory >= 2 * CYCLES))
      throw new RangeError('horizon is at least 2, memory at least 6')
    this.#options = options
    this.#forecaster = forecaster
    this.features = namesOf(options.features)
    this.#standardiser = new Standardiser(options.features)
    this.#scales = new Scales(width, { clip: CLIP, floor: 0 }, options.halfLife)
    this.#counted = countedOf(width)
    this.#point = new Float32Array(width * horizon)
    this.#halfWidth = new Float32Array(width * horizon)
    this.#cells = new Float32Array(width * memory)
    this.#filling = new Float64Array(2 * width)
    this.#meanWidth = new Float64Array(width)
    this.#slope = new Float64Array(width)
    this.#vector = new Float64Array(width)
    this.#expected = new Float64Array(width)
    this.#scale = new Float64Array(width)
    this.#deviation = new Float64Array(width)
  }

  get ready(): boolean {
    return this.#state[0]! >= MINIMUM
  }

  /** Whether half of the bands are used up: time to `renew`. */
  get due(): boolean {
    return this.#state[2]! - this.#state[3]! >= this.#options.horizon / 2
  }

  fit(history: History): void {
    const { seasonsMs, horizon, memory } = this.#options
    const { count, timesMs } = history
    this.#standardiser.fit(history)
    const rows = this.#standardiser.applyAll(history)
    const seasons = seasonsMs ?? findSeasons(rows, timesMs, this.#counted, MOST_FOUND)
    const stepMs = medianStep(timesMs)
    const { cellMs, periods } = gridFor(seasons, Math.min(horizon, Math.floor(memory / CYCLES)), stepMs)
    this.#periods = periods
    this.#state.set([count, cellMs, Math.floor((timesMs[0] ?? 0) / cellMs), 0])
    this.#cells.fill(Number.NaN)
    this.#filling.fill(0)
    const held = Math.floor(count * (1 - HELD_OUT))
    for (let i = 0; i < held; i++) this.#keep(history.row(i), timesMs[i]!)
    this.renew()
    const residuals = new Float64Array((count - held) * this.features.length)
    for (let i = held; i < count; i++) {
      this.#expect(history.row(i), timesMs[i]!)
      residuals.set(this.#deviation, (i - held) * this.features.length)
    }
    this.#scales.fit(residuals)
    for (let i = held; i < count; i++) this.#keep(history.row(i), timesMs[i]!)
    this.renew()
  }

  observe(): void {}

  learn(vector: Float64Array, timeMs: number): void {
    this.#state[0]!++
    this.#expect(vector, timeMs)
    // In the scale that does not widen with the horizon.
    for (let i = 0; i < this.#deviation.length; i++) this.#deviation[i]! /= this.#widening(i)
    this.#scales.add(this.#deviation)
    this.#keep(vector, timeMs)
    if (this.due && !this.#forecaster.slow) this.renew()
  }

  /** Makes the bands anew, from the cells that are kept. */
  renew(): void {
    const { horizon, memory } = this.#options
    const next = this.#state[2]!
    const series = new Float64Array(memory)
    for (let i = 0; i < this.features.length; i++) {
      for (let k = 0; k < memory; k++) series[k] = this.#cells[i * memory + slot(next - memory + k, memory)]!
      const from = Math.max(
        0,
        series.findIndex((value) => !Number.isNaN(value)),
      )
      const known = withoutGaps(series.slice(from), this.#periods[0] ?? 0)
      const slope = slopes(known, Float64Array.from(known.keys()), 1, this.#periods.at(-1) ?? 0)[0]!
      for (let k = 0; k < known.length; k++) known[k]! -= slope * (k - known.length)
      this.#slope[i] = slope
      const { point, halfWidth } = this.#forecaster.forecast(known, this.#periods, horizon)
      this.#point.set(point, i * horizon)
      this.#halfWidth.set(halfWidth, i * horizon)
      this.#meanWidth[i] = halfWidth.reduce((sum, value) => sum + value / horizon, 0)
    }
    this.#state[3] = next
  }

  score(vector: Float64Array, timeMs: number): number {
    return this.ready ? residualScore(this.#deviations(vector, timeMs), this.#counted) : 0
  }

  explain(vector: Float64Array, timeMs: number): Explanation {
    this.#expect(vector, timeMs)
    const z = this.ready ? this.#deviations(vector, timeMs) : this.#deviation.fill(0)
    return explainResiduals(z, this.#counted, this.#expected, this.#scale, this.#standardiser)
  }

  save(): Uint8Array {
    const { horizon, memory } = this.#options
    const width = this.features.length
    const layers = new Map<string, Layer>([
      optionsLayer(this.#options),
      ['state', { data: this.#state }],
      ['periods', { data: Float64Array.from(this.#periods) }],
      ['point', { data: this.#point, shape: [width, horizon] }],
      ['half_width', { data: this.#halfWidth, shape: [width, horizon] }],
      ['mean_width', { data: this.#meanWidth }],
      ['slope', { data: this.#slope }],
      ['cells', { data: this.#cells, shape: [width, memory] }],
      ['filling', { data: this.#filling }],
      ['squares', { data: this.#scales.squares }],
      ...this.#standardiser.layers(),
    ])
    return encodeModel({ kind: KIND, version: VERSION, layers })
  }

  load(bytes: Uint8Array): void {
    const layers = new Layers(bytes, KIND, VERSION)
    sameOptions(layers, this.#options)
    const state = layers.float64('state', this.#state.length)
    const periods = Array.from(layers.float64('periods'))
    const point = layers.float32('point', this.#point.length)
    const halfWidth = layers.float32('half_width', this.#halfWidth.length)
    const meanWidth = layers.float64('mean_width', this.#meanWidth.length)
    const slope = layers.float64('slope', this.#slope.length)
    const cells = layers.float32('cells', this.#cells.length)
    const filling = layers.float64('filling', this.#filling.length)
    const squares = layers.float64('squares', this.features.length)
    this.#standardiser.restoreFrom(layers)
    this.#state.set(state)
    this.#periods = periods
    this.#point.set(point)
    this.#halfWidth.set(halfWidth)
    this.#meanWidth.set(meanWidth)
    this.#slope.set(slope)
    this.#cells.set(cells)
    this.#filling.set(filling)
    this.#scales.squares.set(squares)
  }

  /** Takes a vector into the grid. */
  #keep(vector: Float64Array, timeMs: number): void {
    const { memory } = this.#options
    const state = this.#state
    const filling = this.#filling
    const width = this.features.length
    const cell = Math.max(state[2]!, Math.floor(timeMs / state[1]!))
    if (cell > state[2]!) {
      for (let i = 0; i < width; i++) {
        const count = filling[width + i]!
        this.#cells[i * memory + slot(state[2]!, memory)] = count > 0 ? filling[i]! / count : Number.NaN
      }
      // Cells in which nothing came; after a long silence nothing is left.
      for (let skipped = Math.max(state[2]! + 1, cell - memory); skipped < cell; skipped++)
        for (let i = 0; i < width; i++) this.#cells[i * memory + slot(skipped, memory)] = Number.NaN
      filling.fill(0)
      state[2] = cell
    }
    this.#standardiser.apply(vector, this.#vector)
    for (let i = 0; i < width; i++) {
      if (Number.isNaN(vector[i]!)) continue
      filling[i]! += this.#vector[i]!
      filling[width + i]!++
    }
  }

  /** The step of the bands that speaks of a cell. */
  #ahead(cell: number): number {
    const { horizon } = this.#options
    const period = this.#periods.at(-1) ?? 0
    const ahead = cell - this.#state[3]!
    if (ahead >= 0 && ahead < horizon) return ahead
    if (period < 1) return ahead < 0 ? 0 : horizon - 1
    // The last season within the horizon, or the first.
    const from = ahead < 0 ? 0 : horizon - period
    return from + slot(ahead - from, period)
  }

  #widening(i: number): number {
    const mean = this.#meanWidth[i]!
    return mean > 0 ? Math.max(0.1, this.#halfWidth[i * this.#options.horizon + this.#step]! / mean) : 1
  }

  /** Expected values, scales and deviations (0 for what is missing) of a vector, standardised. Valid until the next call. */
  #expect(vector: Float64Array, timeMs: number): void {
    const { horizon, memory } = this.#options
    this.#standardiser.apply(vector, this.#vector)
    const cells = timeMs / this.#state[1]!
    const cell = Math.floor(cells)
    const offset = cells - cell - 0.5
    const at = this.#ahead(cell)
    // No trend goes on beyond the bands.
    const ahead = Math.max(-memory, Math.min(horizon, cells - 0.5 - this.#state[3]!))
    const beside = this.#ahead(offset < 0 ? cell - 1 : cell + 1)
    this.#step = at
    for (let i = 0; i < this.#vector.length; i++) {
      const here = this.#point[i * horizon + at]!
      const still = here + Math.abs(offset) * (this.#point[i * horizon + beside]! - here)
      const expected = still + this.#slope[i]! * ahead
      this.#expected[i] = expected
      this.#scale[i] = Math.max(FLOOR, this.#scales.of(i) * this.#widening(i))
      this.#deviation[i] = Number.isNaN(vector[i]!) ? 0 : this.#vector[i]! - expected
    }
  }

  /** Absolute deviations in their scales; one in the harmless direction is none. Valid until the next call. */
  #deviations(vector: Float64Array, timeMs: number): Float64Array {
    this.#expect(vector, timeMs)
    for (let i = 0; i < this.#deviation.length; i++)
      this.#deviation[i] = this.#standardiser.off(i, this.#deviation[i]!) / this.#scale[i]!
    return this.#deviation
  }
}

/** Remainder that is never negative. */
const slot = (index: number, size: number): number => ((index % size) + size) % size

function medianStep(timesMs: Float64Array): number {
  const steps = timesMs.slice(1).map((timeMs, i) => timeMs - timesMs[i]!)
  return Math.max(1, steps.sort()[steps.length >> 1] ?? 1)
}

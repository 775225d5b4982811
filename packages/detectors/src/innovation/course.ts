import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'

/** Spreads beyond which a value says no more about what comes next. */
const HOLD = 3
/** Values in a row, off on the same side, after which the level follows twice as fast: what lasts is not held for ever. */
const PATIENCE = 15
const FASTEST = 40

/**
 * Where several series are: a level that follows slowly, and how far off it the latest value was, which the next one remembers. Both
 * take in a far value as if it were no farther off than three spreads, so that one odd value does not make the next ones odd.
 */
export class Course {
  readonly #weight: number
  /** NaN: no value yet. */
  readonly level: Float64Array
  readonly before: Float64Array
  /** Values in a row beyond the hold; negative ones below it. */
  readonly #runs: Float64Array

  /** @param span values that the level looks back, on average */
  constructor(series: number, span: number) {
    this.#weight = 1 / span
    this.level = new Float64Array(series).fill(Number.NaN)
    this.before = new Float64Array(series)
    this.#runs = new Float64Array(series)
  }

  /** What is expected next of a series whose deviations are remembered to the share `memory`; `otherwise` while nothing is known. */
  expected(i: number, memory: number, otherwise: number): number {
    const level = this.level[i]!
    return Number.isNaN(level) ? otherwise : level + memory * this.before[i]!
  }

  /** @param spread usual deviation from the level */
  add(i: number, value: number, spread: number): void {
    const level = this.level[i]!
    if (Number.isNaN(level)) {
      this.level[i] = value
      return
    }
    const deviation = value - level
    const hold = HOLD * spread
    const run = this.#runs[i]!
    const side = deviation > hold ? 1 : deviation < -hold ? -1 : 0
    this.#runs[i] = side === 0 ? 0 : side * run >= 0 ? run + side : side
    const reach = hold * 2 ** Math.min(FASTEST, Math.abs(this.#runs[i]!) / PATIENCE)
    this.level[i] = level + this.#weight * within(deviation, reach)
    this.before[i] = within(value - this.level[i]!, hold)
  }

  /** A value is missing: nothing is remembered. */
  skip(i: number): void {
    this.before[i] = 0
  }

  reset(): void {
    this.level.fill(Number.NaN)
    this.before.fill(0)
    this.#runs.fill(0)
  }

  copy(other: Course): void {
    this.level.set(other.level)
    this.before.set(other.before)
    this.#runs.set(other.#runs)
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.level`, { data: this.level }],
      [`${name}.before`, { data: this.before }],
      [`${name}.runs`, { data: this.#runs }],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const parts = ['level', 'before', 'runs'].map((part) =>
      layers.float64(`${name}.${part}`, this.level.length),
    )
    return () => {
      this.level.set(parts[0]!)
      this.before.set(parts[1]!)
      this.#runs.set(parts[2]!)
    }
  }
}

const within = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value))

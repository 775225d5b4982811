import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { Room } from '../statistics/room.ts'

export interface AdwinOptions {
  /** Probability of a false alarm at a cut that is allowed. */
  readonly delta: number
  /** Values after which cuts are looked for again. */
  readonly clock: number
  /** Buckets of a size before two of them are merged. */
  readonly maxBuckets: number
  /** Values that either side of a cut has at least. */
  readonly minWindow: number
  /** Values before the first cut is looked for. */
  readonly grace: number
  /** Sizes of buckets: of 2⁰ to 2^(rows − 1) values. A value older than about maxBuckets × 2^rows is forgotten. */
  readonly rows: number
}

export const ADWIN_DEFAULTS: AdwinOptions = {
  delta: 0.002,
  clock: 32,
  maxBuckets: 5,
  minWindow: 5,
  grace: 10,
  rows: 20,
}

/** Many windows of the same options then share them. */
const complete = (options: Partial<AdwinOptions>): options is AdwinOptions =>
  Object.keys(ADWIN_DEFAULTS).every((name) => name in options)

/** Places in the state: values in the window, their sum, their squared distances from the mean, values since the start. */
const [WIDTH, TOTAL, VARIANCE, TICKS] = [0, 1, 2, 3]
const STATE = 4

/**
 * Adaptive window over a stream: holds the latest values for as long as they may have one mean, and drops the older part when it and
 * the newer one differ by more than chance allows. Values are kept as sums in buckets of 1, 2, 4, … values (exponential
 * histogram), at most `maxBuckets` + 1 of each size.
 *
 * Fails when: values depend on those before them (average them first, over more than they remember), or when tails are
 * so heavy that the variance is one value. Cost O(log n) a value, amortised; state 16·rows·(maxBuckets + 1.5) bytes.
 *
 * Source: A. Bifet, R. Gavaldà: Learning from time-changing data with adaptive windowing (SDM 2007). The cut test is the one with
 * the variance of the window, and the oldest bucket is dropped per cut, as in river and MOA; same results as river 0.26 (golden/).
 */
export class Adwin {
  readonly #options: AdwinOptions
  readonly #depth: number
  readonly #rows: number
  /**
   * The state; then, per row, the sums of its buckets, oldest first; then, likewise, the sums of squared distances; then how many buckets each
   * row has. One array, since each costs 100 bytes beside its numbers.
   */
  readonly #numbers: Float64Array
  /** Where the squared distances begin, and where the numbers of buckets. */
  readonly #squares: number
  readonly #counts: number

  constructor(options: Partial<AdwinOptions> = {}, room = new Room()) {
    this.#options = complete(options) ? options : { ...ADWIN_DEFAULTS, ...options }
    this.#depth = this.#options.maxBuckets + 1
    this.#rows = this.#options.rows
    this.#squares = STATE + this.#rows * this.#depth
    this.#counts = this.#squares + this.#rows * this.#depth
    this.#numbers = room.float64(this.#counts + this.#rows)
  }

  /** Values in the window. */
  get width(): number {
    return this.#numbers[WIDTH]!
  }

  get total(): number {
    return this.#numbers[TOTAL]!
  }

  /** Sum of squared distances from the mean. */
  get squares(): number {
    return this.#numbers[VARIANCE]!
  }

  get mean(): number {
    return this.width > 0 ? this.total / this.width : 0
  }

  /** @returns whether the mean has changed: what came before the change is dropped */
  add(value: number): boolean {
    const state = this.#numbers
    const width = state[WIDTH]!
    if (width > 0) state[VARIANCE]! += (width * (value - state[TOTAL]! / width) ** 2) / (width + 1)
    state[WIDTH] = width + 1
    state[TOTAL]! += value
    this.#insert(0, value, 0)
    state[TICKS]!++
    const { clock, grace } = this.#options
    if (state[TICKS]! % clock !== 0 || this.width <= grace) return false
    let changed = false
    while (this.#differs()) {
      changed = true
      this.#dropOldest()
    }
    return changed
  }

  reset(): void {
    this.#numbers.fill(0)
  }

  layers(name: string): [string, Layer][] {
    return [
      [`${name}.state`, { data: this.#numbers.subarray(0, STATE) }],
      [`${name}.sums`, { data: this.#numbers.subarray(STATE) }],
    ]
  }

  /** @returns what takes over the state that was read; @throws ModelError, and is then as it was */
  read(name: string, layers: Layers): () => void {
    const state = layers.float64(`${name}.state`, STATE)
    const sums = layers.float64(`${name}.sums`, this.#numbers.length - STATE)
    if (sums.subarray(this.#counts - STATE).some((count) => !(count >= 0 && count < this.#depth)))
      throw new ModelError('corrupt', `${name} with a row of more than ${this.#depth - 1} buckets`)
    return () => {
      this.#numbers.set(state)
      this.#numbers.set(sums, STATE)
    }
  }

  #insert(row: number, total: number, squares: number): void {
    const at = STATE + row * this.#depth + this.#numbers[this.#counts + row]!++
    this.#numbers[at] = total
    this.#numbers[this.#squares - STATE + at] = squares
    if (this.#numbers[this.#counts + row]! < this.#depth) return
    if (row === this.#rows - 1) {
      this.#dropOldest()
      return
    }
    const first = STATE + row * this.#depth
    const size = 2 ** row
    const [a, b] = [this.#numbers[first]!, this.#numbers[first + 1]!]
    const between = (size * ((a - b) / size) ** 2) / 2
    const distances = this.#squares + row * this.#depth
    const joined = this.#numbers[distances]! + this.#numbers[distances + 1]! + between
    this.#shift(row, 2)
    this.#insert(row + 1, a + b, joined)
  }

  /** Drops the oldest buckets of a row. */
  #shift(row: number, count: number): void {
    for (const from of [STATE + row * this.#depth, this.#squares + row * this.#depth]) {
      const to = from + this.#depth
      this.#numbers.copyWithin(from, from + count, to).fill(0, to - count, to)
    }
    this.#numbers[this.#counts + row]! -= count
  }

  #dropOldest(): void {
    let row = this.#rows - 1
    while (row > 0 && this.#numbers[this.#counts + row] === 0) row--
    const size = 2 ** row
    const total = this.#numbers[STATE + row * this.#depth]!
    const state = this.#numbers
    const width = state[WIDTH]! - size
    state[WIDTH] = width
    state[TOTAL]! -= total
    const distance = total / size - state[TOTAL]! / width
    const lost =
      this.#numbers[this.#squares + row * this.#depth]! + (size * width * distance ** 2) / (size + width)
    // Rounding, after values that were far larger than those left.
    state[VARIANCE] = Math.max(0, state[VARIANCE]! - lost)
    this.#shift(row, 1)
  }

  /** Whether some cut has different means on its sides. */
  #differs(): boolean {
    const { delta, minWindow } = this.#options
    const { width, total } = this
    const confidence = Math.log((2 * Math.log(width)) / delta)
    const variance = this.squares / width
    let size0 = 0
    let total0 = 0
    for (let row = this.#rows - 1; row >= 0; row--) {
      for (let k = 0; k < this.#numbers[this.#counts + row]!; k++) {
        size0 += 2 ** row
        total0 += this.#numbers[STATE + row * this.#depth + k]!
        const size1 = width - size0
        if (size1 < minWindow || size0 < minWindow) continue
        const difference = Math.abs(total0 / size0 - (total - total0) / size1)
        const reciprocal = 1 / (size0 - minWindow + 1) + 1 / (size1 - minWindow + 1)
        const chance = Math.sqrt(2 * reciprocal * variance * confidence) + (2 / 3) * confidence * reciprocal
        if (difference > chance) return true
      }
    }
    return false
  }
}

import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { Room } from '../statistics/room.ts'

export interface AdwinOptions {
  /** Probability of a false alarm at a cut that is allowed. */
  readonly delta: number
  /** Values after which cuts are looked for again. */
  readonly clock: number
  /** Buckets of a size at the most: one more, and the two oldest are merged. At least 2. */
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

/** Places in the state: values in the window, their sum, their squared distances from the mean, values since the start. */
const [WIDTH, TOTAL, VARIANCE, TICKS] = [0, 1, 2, 3]
const STATE = 4

/**
 * Adaptive windows over several streams: each holds the latest values for as long as they may have one mean, and drops the older part when
 * it and the newer one differ by more than chance allows. Values are kept as sums in buckets of 1, 2, 4, … values (exponential
 * histogram), at most `maxBuckets` of each size.
 *
 * Fails when: values depend on those before them (average them first, over more than they remember), or when tails are
 * so heavy that the variance is one value. Cost O(log n) a value, amortised; state 16·rows·maxBuckets bytes a stream.
 *
 * Source: A. Bifet, R. Gavaldà: Learning from time-changing data with adaptive windowing (SDM 2007). The cut test is the one with
 * the variance of the window, and the oldest bucket is dropped per cut, as in river and MOA; same results as river 0.26 (golden/).
 */
export class AdwinBank {
  readonly #windows: number
  readonly #options: AdwinOptions
  /**
   * Of one window after the other: the state; then, per row, the sums of its buckets, oldest first, NaN where there is none; then,
   * likewise, the sums of squared distances.
   */
  readonly #numbers: Float64Array
  readonly #from: number

  /** @param options kept as they are, so best the same for all @throws RangeError for fewer than two buckets of a size */
  constructor(windows: number, options: AdwinOptions, room = new Room()) {
    if (!(options.maxBuckets >= 2))
      throw new RangeError(`maxBuckets is ${options.maxBuckets}, two are needed to merge them`)
    this.#windows = windows
    this.#options = options
    const { numbers, from } = room.float64(windows * this.#size)
    this.#numbers = numbers
    this.#from = from
    this.reset()
  }

  /** Values in a window. */
  width(window: number): number {
    return this.#numbers[this.#at(window) + WIDTH]!
  }

  total(window: number): number {
    return this.#numbers[this.#at(window) + TOTAL]!
  }

  /** Sum of squared distances from the mean. */
  squares(window: number): number {
    return this.#numbers[this.#at(window) + VARIANCE]!
  }

  mean(window: number): number {
    return this.width(window) > 0 ? this.total(window) / this.width(window) : 0
  }

  /** @returns whether the mean has changed: what came before the change is dropped */
  add(window: number, value: number): boolean {
    const numbers = this.#numbers
    const state = this.#at(window)
    const width = numbers[state + WIDTH]!
    if (width > 0)
      numbers[state + VARIANCE]! += (width * (value - numbers[state + TOTAL]! / width) ** 2) / (width + 1)
    numbers[state + WIDTH] = width + 1
    numbers[state + TOTAL]! += value
    this.#insert(state, 0, value, 0)
    numbers[state + TICKS]!++
    const { clock, grace } = this.#options
    if (numbers[state + TICKS]! % clock !== 0 || this.width(window) <= grace) return false
    let changed = false
    while (this.#differs(window)) {
      changed = true
      this.#dropOldest(state)
    }
    return changed
  }

  reset(): void {
    const numbers = this.#numbers
    for (let window = 0; window < this.#windows; window++) {
      const state = this.#at(window)
      numbers.fill(0, state, state + this.#size)
      numbers.fill(Number.NaN, this.#sumsOf(state, 0), this.#squaresOf(state, 0))
    }
  }

  layers(window: number, name: string): [string, Layer][] {
    const { rows, maxBuckets } = this.#options
    const state = this.#at(window)
    // With a place more in each row than it ever has buckets, zeros where there is none, and then how many buckets each row has.
    const places = maxBuckets + 1
    const sums = new Float64Array(2 * rows * places + rows)
    for (let row = 0; row < rows; row++) {
      const count = this.#count(state, row)
      const [from, distances] = [this.#sumsOf(state, row), this.#squaresOf(state, row)]
      sums.set(this.#numbers.subarray(from, from + count), row * places)
      sums.set(this.#numbers.subarray(distances, distances + count), (rows + row) * places)
      sums[2 * rows * places + row] = count
    }
    return [
      [`${name}.state`, { data: this.#numbers.slice(state, state + STATE) }],
      [`${name}.sums`, { data: sums }],
    ]
  }

  /** @returns what takes over the state of a window that was read; @throws ModelError, and is then as it was */
  read(window: number, name: string, layers: Layers): () => void {
    const { rows, maxBuckets } = this.#options
    const places = maxBuckets + 1
    const state = layers.float64(`${name}.state`, STATE)
    const sums = layers.float64(`${name}.sums`, 2 * rows * places + rows)
    const counts = sums.subarray(2 * rows * places)
    if (counts.some((count) => !(count >= 0 && count <= maxBuckets)))
      throw new ModelError('corrupt', `${name} with a row of more than ${maxBuckets} buckets`)
    return () => {
      const own = this.#at(window)
      this.#numbers.set(state, own)
      for (const [row, count] of counts.entries()) {
        const from = this.#sumsOf(own, row)
        this.#numbers.fill(Number.NaN, from, from + maxBuckets)
        this.#numbers.set(sums.subarray(row * places, row * places + count), from)
        const distances = (rows + row) * places
        this.#numbers.set(sums.subarray(distances, distances + maxBuckets), this.#squaresOf(own, row))
      }
    }
  }

  /** Numbers of a window. */
  get #size(): number {
    const { rows, maxBuckets } = this.#options
    return STATE + 2 * rows * maxBuckets
  }

  /** Where a window begins, with its state. */
  #at(window: number): number {
    return this.#from + window * this.#size
  }

  /** Where the sums of a row begin, of the window whose state is at `state`. */
  #sumsOf(state: number, row: number): number {
    return state + STATE + row * this.#options.maxBuckets
  }

  /** Where its squared distances begin. */
  #squaresOf(state: number, row: number): number {
    return this.#sumsOf(state, this.#options.rows + row)
  }

  /** How many buckets it has. */
  #count(state: number, row: number): number {
    const { maxBuckets } = this.#options
    const sums = this.#sumsOf(state, row)
    let count = 0
    while (count < maxBuckets && !Number.isNaN(this.#numbers[sums + count]!)) count++
    return count
  }

  /** A row that is full first gives its two oldest buckets to the next one, as one; the last one drops its oldest. */
  #insert(state: number, row: number, total: number, squares: number): void {
    const numbers = this.#numbers
    const { rows, maxBuckets } = this.#options
    const sums = this.#sumsOf(state, row)
    const distances = this.#squaresOf(state, row)
    const full = this.#count(state, row) === maxBuckets
    let joined: { readonly total: number; readonly squares: number } | undefined
    if (full && row === rows - 1) this.#dropOldest(state)
    else if (full) {
      const size = 2 ** row
      const [a, b] = [numbers[sums]!, numbers[sums + 1]!]
      const between = (size * ((a - b) / size) ** 2) / 2
      joined = { total: a + b, squares: numbers[distances]! + numbers[distances + 1]! + between }
      this.#shift(state, row, 2)
    }
    const at = this.#count(state, row)
    numbers[sums + at] = total
    numbers[distances + at] = squares
    if (joined !== undefined) this.#insert(state, row + 1, joined.total, joined.squares)
  }

  /** Drops the oldest buckets of a row. */
  #shift(state: number, row: number, count: number): void {
    const { maxBuckets } = this.#options
    for (const [from, none] of [
      [this.#sumsOf(state, row), Number.NaN],
      [this.#squaresOf(state, row), 0],
    ] as const) {
      const to = from + maxBuckets
      this.#numbers.copyWithin(from, from + count, to).fill(none, to - count, to)
    }
  }

  #dropOldest(state: number): void {
    const numbers = this.#numbers
    let row = this.#options.rows - 1
    while (row > 0 && this.#count(state, row) === 0) row--
    const size = 2 ** row
    const total = numbers[this.#sumsOf(state, row)]!
    const width = numbers[state + WIDTH]! - size
    numbers[state + WIDTH] = width
    numbers[state + TOTAL]! -= total
    const distance = total / size - numbers[state + TOTAL]! / width
    const lost = numbers[this.#squaresOf(state, row)]! + (size * width * distance ** 2) / (size + width)
    // Rounding, after values that were far larger than those left.
    numbers[state + VARIANCE] = Math.max(0, numbers[state + VARIANCE]! - lost)
    this.#shift(state, row, 1)
  }

  /** Whether some cut has different means on its sides. */
  #differs(window: number): boolean {
    const { delta, minWindow, rows } = this.#options
    const state = this.#at(window)
    const width = this.width(window)
    const total = this.total(window)
    const confidence = Math.log((2 * Math.log(width)) / delta)
    const variance = this.squares(window) / width
    let size0 = 0
    let total0 = 0
    for (let row = rows - 1; row >= 0; row--) {
      const sums = this.#sumsOf(state, row)
      const count = this.#count(state, row)
      for (let k = 0; k < count; k++) {
        size0 += 2 ** row
        total0 += this.#numbers[sums + k]!
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

import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { HalfRows } from '../statistics/half-rows.ts'
import { Room } from '../statistics/room.ts'
import { Scratch } from '../statistics/scratch.ts'

/**
 * Vectors that wait before they are learned. A fault that grows slowly, or that the threshold does not quite reach, would else
 * teach the learner to expect it before it is seen; when it is seen, what waits is thrown away.
 */
const DELAY = 120
/**
 * Vectors that are learned one right after the other: a detector is more memory than the caches hold for each of a thousand entities, and is
 * fetched once for all of these.
 */
const AT_ONCE = 8

export interface Waited {
  readonly vector: Float64Array
  /** One of each member of the panel. */
  readonly scores: Float64Array
  readonly timeMs: number
}

const NONE: readonly Waited[] = []
const numbersDue = new Scratch()

const isPlace = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most

/** Ring of normal vectors with their scores, in half precision, which is what is learned then. */
export class WaitingVectors {
  readonly #width: number
  readonly #scores: number
  readonly #rows: HalfRows
  /** Time of each since the one before it: whole milliseconds up to four hours, the nearest single beyond. */
  readonly #stepsMs: Float32Array
  readonly #steps: number
  #from = 0
  #count = 0
  /** Times of the oldest and of the newest. */
  #oldestMs = 0
  #newestMs = 0

  constructor(width: number, scores: number, room = new Room()) {
    this.#width = width
    this.#scores = scores
    this.#rows = new HalfRows(DELAY, width + scores, room)
    const { numbers, from } = room.float32(DELAY)
    this.#stepsMs = numbers
    this.#steps = from
  }

  /** Takes out the vectors that have waited long enough, oldest first: to be asked before each `add`. Valid until the next call of anyone. */
  due(): readonly Waited[] {
    if (this.#count < DELAY) return NONE
    const due: Waited[] = []
    const width = this.#width + this.#scores
    const all = numbersDue.of(AT_ONCE * width)
    for (let k = 0; k < AT_ONCE; k++) {
      const row = (this.#from + k) % DELAY
      if (k > 0) this.#oldestMs += this.#stepsMs[this.#steps + row]!
      const at = k * width
      for (let i = 0; i < width; i++) all[at + i] = this.#rows.get(row, i)
      due.push({
        vector: all.subarray(at, at + this.#width),
        scores: all.subarray(at + this.#width, at + width),
        timeMs: this.#oldestMs,
      })
    }
    this.#from = (this.#from + AT_ONCE) % DELAY
    this.#count -= AT_ONCE
    this.#oldestMs += this.#stepsMs[this.#steps + this.#from]!
    return due
  }

  add(values: Float64Array, scores: ArrayLike<number>, timeMs: number): void {
    const rows = this.#rows
    this.#addTime(timeMs)
    const row = (this.#from + this.#count++) % DELAY
    for (let i = 0; i < this.#width; i++) rows.set(row, i, values[i]!)
    for (let m = 0; m < this.#scores; m++) rows.set(row, this.#width + m, scores[m]!)
  }

  /** Of the vector that comes next. What a step loses is in the one after it. */
  #addTime(timeMs: number): void {
    if (this.#count === 0) {
      this.#oldestMs = timeMs
      this.#newestMs = timeMs
    }
    const step = Math.fround(timeMs - this.#newestMs)
    this.#stepsMs[this.#steps + ((this.#from + this.#count) % DELAY)] = step
    this.#newestMs += step
  }

  #timesMs(): Float64Array {
    const timesMs = new Float64Array(DELAY)
    let timeMs = this.#oldestMs
    for (let k = 0; k < this.#count; k++) {
      const row = (this.#from + k) % DELAY
      if (k > 0) timeMs += this.#stepsMs[this.#steps + row]!
      timesMs[row] = timeMs
    }
    return timesMs
  }

  forget(): void {
    this.#from = 0
    this.#count = 0
  }

  layers(): [string, Layer][] {
    return [
      ...this.#rows.layers('waiting'),
      ['waiting.times', { data: this.#timesMs() }],
      ['waiting.place', { data: Float64Array.of(this.#from, this.#count) }],
    ]
  }

  /** Where none were saved it is as it was. @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    if (!layers.has('waiting.place')) return
    this.#rows.restoreFrom('waiting', layers)
    const timesMs = layers.float64('waiting.times', DELAY)
    const [from = 0, count = 0] = layers.float64('waiting.place', 2)
    if (!isPlace(from, DELAY - 1) || !isPlace(count, DELAY))
      throw new ModelError('corrupt', `${count} vectors wait, from place ${from} of ${DELAY}`)
    this.#from = from
    for (this.#count = 0; this.#count < count; this.#count++)
      this.#addTime(timesMs[(from + this.#count) % DELAY]!)
  }
}

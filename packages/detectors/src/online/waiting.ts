import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
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

/** Ring of normal vectors with their scores, in half precision, which is what is learned then. */
export class WaitingVectors {
  readonly #width: number
  readonly #scores: number
  readonly #rows: HalfRows
  readonly #timesMs: Float64Array
  readonly #times: number
  #from = 0
  #count = 0

  constructor(width: number, scores: number, room = new Room()) {
    this.#width = width
    this.#scores = scores
    this.#rows = new HalfRows(DELAY, width + scores, room)
    const { numbers, from } = room.float64(DELAY)
    this.#timesMs = numbers
    this.#times = from
  }

  /** Takes out the vectors that have waited long enough, oldest first: to be asked before each `add`. Valid until the next call of anyone. */
  due(): readonly Waited[] {
    if (this.#count < DELAY) return NONE
    const due: Waited[] = []
    const width = this.#width + this.#scores
    const all = numbersDue.of(AT_ONCE * width)
    for (let k = 0; k < AT_ONCE; k++) {
      const row = (this.#from + k) % DELAY
      const at = k * width
      for (let i = 0; i < width; i++) all[at + i] = this.#rows.get(row, i)
      due.push({
        vector: all.subarray(at, at + this.#width),
        scores: all.subarray(at + this.#width, at + width),
        timeMs: this.#timesMs[this.#times + row]!,
      })
    }
    this.#from = (this.#from + AT_ONCE) % DELAY
    this.#count -= AT_ONCE
    return due
  }

  add(values: Float64Array, scores: ArrayLike<number>, timeMs: number): void {
    const rows = this.#rows
    const row = (this.#from + this.#count++) % DELAY
    this.#timesMs[this.#times + row] = timeMs
    for (let i = 0; i < this.#width; i++) rows.set(row, i, values[i]!)
    for (let m = 0; m < this.#scores; m++) rows.set(row, this.#width + m, scores[m]!)
  }

  forget(): void {
    this.#from = 0
    this.#count = 0
  }

  layers(): [string, Layer][] {
    return [
      ...this.#rows.layers('waiting'),
      ['waiting.times', { data: this.#timesMs.subarray(this.#times, this.#times + DELAY) }],
      ['waiting.place', { data: Float64Array.of(this.#from, this.#count) }],
    ]
  }

  /** Where none were saved it is as it was. @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    if (!layers.has('waiting.place')) return
    this.#rows.restoreFrom('waiting', layers)
    this.#timesMs.set(layers.float64('waiting.times', DELAY), this.#times)
    const [from, count] = layers.float64('waiting.place', 2)
    this.#from = from!
    this.#count = count!
  }
}

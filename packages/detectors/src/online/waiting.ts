import type { Layers } from '../codec/layers.ts'
import type { LayerData } from '../codec/model.ts'
import { single } from '../statistics/precision.ts'

/**
 * Vectors that wait before they are learned. A fault that grows slowly, or that the threshold does not quite reach, would else
 * teach the learner to expect it before it is seen; when it is seen, what waits is thrown away.
 */
const DELAY = 120

export interface Waited {
  readonly vector: Float64Array
  /** One of each member of the panel; valid until the next `add`. */
  readonly scores: Float32Array
  readonly timeMs: number
}

/** Ring of normal vectors with their scores, in single precision, which is what is learned then. No memory before the first. */
export class WaitingVectors {
  readonly #width: number
  readonly #scores: number
  #rows: Float32Array | undefined
  #timesMs: Float64Array | undefined
  #from = 0
  #count = 0

  constructor(width: number, scores: number) {
    this.#width = width
    this.#scores = scores
  }

  /** Takes out the vector that has waited long enough, if there is one: to be asked before each `add`. */
  due(): Waited | undefined {
    if (this.#rows === undefined || this.#timesMs === undefined || this.#count < DELAY) return undefined
    const at = this.#from * this.#row
    const scores = at + this.#width
    const waited = {
      vector: Float64Array.from(this.#rows.subarray(at, scores)),
      scores: this.#rows.subarray(scores, at + this.#row),
      timeMs: this.#timesMs[this.#from]!,
    }
    this.#from = (this.#from + 1) % DELAY
    this.#count--
    return waited
  }

  add(values: Float64Array, scores: ArrayLike<number>, timeMs: number): void {
    this.#rows ??= new Float32Array(DELAY * this.#row)
    this.#timesMs ??= new Float64Array(DELAY)
    const place = (this.#from + this.#count++) % DELAY
    const at = place * this.#row
    this.#timesMs[place] = timeMs
    for (let i = 0; i < this.#width; i++) this.#rows[at + i] = single(values[i]!)
    for (let m = 0; m < this.#scores; m++) this.#rows[at + this.#width + m] = single(scores[m]!)
  }

  forget(): void {
    this.#from = 0
    this.#count = 0
  }

  get #row(): number {
    return this.#width + this.#scores
  }

  layers(): [string, { data: LayerData }][] {
    if (this.#rows === undefined || this.#timesMs === undefined) return []
    return [
      ['waiting.rows', { data: this.#rows }],
      ['waiting.times', { data: this.#timesMs }],
      ['waiting.place', { data: Float64Array.of(this.#from, this.#count) }],
    ]
  }

  /** @throws ModelError, and is then of no use any more. */
  restore(layers: Layers): void {
    if (!layers.has('waiting.rows')) return
    this.#rows = layers.float32('waiting.rows', DELAY * this.#row)
    this.#timesMs = layers.float64('waiting.times', DELAY)
    const [from, count] = layers.float64('waiting.place', 2)
    this.#from = from!
    this.#count = count!
  }
}

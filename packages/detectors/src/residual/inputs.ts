import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { Level } from '../statistics/level.ts'
import { Room } from '../statistics/room.ts'

export interface InputOptions {
  /** `value`: features are judged by one another as they are; `change`: by their changes since the moving average. */
  readonly of: 'value' | 'change'
  /** Vectors that the moving average looks back (`change` only). */
  readonly span: number
}

/** What a detector of residuals makes of standardised vectors before it compares their features with one another. */
export class Inputs {
  /** Moving averages: undefined where features are judged as they are. */
  readonly #level: Level | undefined
  /** Of the vectors that are learned: they come later than those that are judged, and not all of them come. */
  readonly #learned: Level | undefined

  constructor(width: number, { of, span }: InputOptions, room = new Room()) {
    if (of === 'value') return
    this.#level = new Level(width, span, room)
    this.#learned = new Level(width, span, room)
  }

  /** Forgets what was learned. */
  begin(): void {
    this.#learned?.reset()
  }

  /** Judges from now on after the vectors that were learned. */
  catchUp(): void {
    this.#level?.reset(this.#learned?.started ? this.#learned.values : undefined)
  }

  /** Of a vector that is judged, to `out`. */
  judged(vector: Float64Array, out: Float64Array): void {
    if (this.#level === undefined) out.set(vector)
    else this.#level.deviation(vector, out)
  }

  /** Of a vector that is learned, to `out`, drawn in; it moves the average of those that are learned. */
  learned(vector: Float64Array, out: Float64Array): void {
    if (this.#learned === undefined) out.set(vector)
    else this.#learned.deviation(vector, out)
    this.#learned?.add(vector)
    for (let i = 0; i < out.length; i++) out[i] = drawnIn(out[i]!)
  }

  observe(vector: Float64Array): void {
    this.#level?.add(vector)
  }

  layers(): [string, Layer][] {
    if (this.#level === undefined || this.#learned === undefined) return []
    return [
      ['level', { data: this.#level.values }],
      ['learned_level', { data: this.#learned.values }],
      ['started', { data: Float64Array.of(Number(this.#level.started), Number(this.#learned.started)) }],
    ]
  }

  /** @returns what puts it in place. @throws ModelError, and nothing is changed then */
  read(layers: Layers): () => void {
    const [judged, taught] = [this.#level, this.#learned]
    if (judged === undefined || taught === undefined) return () => {}
    const width = judged.values.length
    const level = layers.float64('level', width)
    const learned = layers.float64('learned_level', width)
    const [levelStarted, learnedStarted] = layers.float64('started', 2)
    return () => {
      judged.reset(levelStarted === 1 ? level : undefined)
      taught.reset(learnedStarted === 1 ? learned : undefined)
    }
  }
}

import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { drawnIn } from '../standardiser/draw-in.ts'
import { JUDGED, LEARNED, Levels } from '../statistics/levels.ts'
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
  readonly #levels: Levels | undefined

  constructor(width: number, { of, span }: InputOptions, room = new Room()) {
    if (of === 'change') this.#levels = new Levels(width, span, room)
  }

  /** Forgets what was learned. */
  begin(): void {
    this.#levels?.reset(LEARNED)
  }

  /** Judges from now on after the vectors that were learned. */
  catchUp(): void {
    this.#levels?.catchUp()
  }

  /** Of a vector that is judged, to `out`. */
  judged(vector: Float64Array, out: Float64Array): void {
    if (this.#levels === undefined) out.set(vector)
    else this.#levels.deviation(JUDGED, vector, out)
  }

  /** Of a vector that is learned, to `out`, drawn in; it moves the average of those that are learned. */
  learned(vector: Float64Array, out: Float64Array): void {
    if (this.#levels === undefined) out.set(vector)
    else this.#levels.deviation(LEARNED, vector, out)
    this.#levels?.add(LEARNED, vector)
    for (let i = 0; i < out.length; i++) out[i] = drawnIn(out[i]!)
  }

  observe(vector: Float64Array): void {
    this.#levels?.add(JUDGED, vector)
  }

  layers(): [string, Layer][] {
    const levels = this.#levels
    if (levels === undefined) return []
    return [
      ['level', { data: levels.of(JUDGED) }],
      ['learned_level', { data: levels.of(LEARNED) }],
      ['started', { data: Float64Array.of(Number(levels.started(JUDGED)), Number(levels.started(LEARNED))) }],
    ]
  }

  /** @returns what puts it in place. @throws ModelError, and nothing is changed then */
  read(layers: Layers): () => void {
    const levels = this.#levels
    if (levels === undefined) return () => {}
    const width = levels.of(JUDGED).length
    const judged = layers.float64('level', width)
    const learned = layers.float64('learned_level', width)
    const [judgedStarted, learnedStarted] = layers.float64('started', 2)
    return () => {
      levels.reset(JUDGED, judgedStarted === 1 ? judged : undefined)
      levels.reset(LEARNED, learnedStarted === 1 ? learned : undefined)
    }
  }
}

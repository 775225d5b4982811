/** Vectors of one run: what a network sees of one entity at a stretch. */
export const RUN = 512
/** Runs that are kept, the latest ones. */
const MAX_RUNS = 64
/** Entities that are gathered from at once. */
const MAX_OPEN = 64

/**
 * Runs of normal vectors, from as many entities as there is room for, in bounded memory: what the network of a stream is trained on.
 * An anomaly ends a run, and what came before it is not used.
 */
export class Runs {
  readonly #width: number
  readonly #open = new Map<string, { readonly values: Float64Array; count: number }>()
  readonly #full: Float64Array[] = []
  #gathered = 0

  constructor(width: number) {
    this.#width = width
  }

  /** Vectors of all full runs since the last `take`. */
  get gathered(): number {
    return this.#gathered
  }

  add(entityId: string, values: Float64Array): void {
    let run = this.#open.get(entityId)
    if (run === undefined) {
      if (this.#open.size >= MAX_OPEN) return
      run = { values: new Float64Array(RUN * this.#width), count: 0 }
      this.#open.set(entityId, run)
    }
    run.values.set(values, run.count++ * this.#width)
    if (run.count < RUN) return
    this.#open.delete(entityId)
    this.#full.push(run.values)
    if (this.#full.length > MAX_RUNS) this.#full.shift()
    this.#gathered += RUN
  }

  /** What comes now is not normal. */
  cut(entityId: string): void {
    this.#open.delete(entityId)
  }

  /** Copies of the full runs, row by row. */
  take(): Float64Array[] {
    this.#gathered = 0
    return this.#full.map((run) => run.slice())
  }
}

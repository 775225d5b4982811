/** Vectors of one run: what a network sees of one entity at a stretch. */
export const RUN = 512
/** Runs that are kept, the latest ones. */
const MAX_RUNS = 64
/** Of those, runs that are held out when some are: one in so many. */
const HELD_OUT_EVERY = 5
const MAX_HELD_OUT = 13
/** Vectors of a run that an anomaly ended, at least: enough for a network to see what follows what. */
const SHORTEST = 128
/** Vectors before an anomaly that are not learned: it may have begun before it was seen. */
const BEFORE = 32
/** Entities that are gathered from at once. */
const MAX_OPEN = 64

/**
 * Runs of normal vectors, from as many entities as there is room for, in bounded memory: what the network of a stream is trained on.
 * An anomaly ends a run: what came just before it is not used, and neither is the rest when that is too short.
 *
 * One run in five is held out, when that is asked for: it is told when the run ends, for good, by nothing but how many came before, so
 * that no vector is ever on both sides. The place within five moves on, so that entities which fill their runs in turn all have some.
 */
export class Runs {
  readonly #width: number
  readonly #open = new Map<string, { readonly values: Float64Array; count: number }>()
  readonly #full: Float64Array[] = []
  readonly #heldOut: Float64Array[] = []
  readonly #holdOut: boolean
  #gathered = 0
  #filled = 0

  constructor(width: number, holdOut: boolean) {
    this.#width = width
    this.#holdOut = holdOut
  }

  /** Vectors of the ended runs that can be trained on, since the last `take`. */
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
    if (run.count === RUN) this.#end(entityId, run.values, RUN)
  }

  /** What comes now is not normal. */
  cut(entityId: string): void {
    const run = this.#open.get(entityId)
    if (run === undefined) return
    const count = run.count - BEFORE
    if (count < SHORTEST) this.#open.delete(entityId)
    else this.#end(entityId, run.values.slice(0, count * this.#width), count)
  }

  #end(entityId: string, values: Float64Array, count: number): void {
    this.#open.delete(entityId)
    const place = this.#filled++
    if (
      this.#holdOut &&
      (place + Math.floor(place / HELD_OUT_EVERY)) % HELD_OUT_EVERY === HELD_OUT_EVERY - 1
    ) {
      keepLatest(this.#heldOut, values, MAX_HELD_OUT)
      return
    }
    keepLatest(this.#full, values, this.#holdOut ? MAX_RUNS - MAX_HELD_OUT : MAX_RUNS)
    this.#gathered += count
  }

  /** Copies of the ended runs, row by row. */
  take(): Float64Array[] {
    this.#gathered = 0
    return this.training
  }

  get hasTraining(): boolean {
    return this.#full.length > 0
  }

  get hasHeldOut(): boolean {
    return this.#heldOut.length > 0
  }

  /** The same, for who trains beside. */
  get training(): Float64Array[] {
    return this.#full.map((run) => run.slice())
  }

  /** Copies of the runs that nothing is trained on; none unless some are held out. */
  get heldOut(): Float64Array[] {
    return this.#heldOut.map((run) => run.slice())
  }
}

function keepLatest(runs: Float64Array[], run: Float64Array, most: number): void {
  runs.push(run)
  if (runs.length > most) runs.shift()
}

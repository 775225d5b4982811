import type { Template } from './template.ts'

/** Records of a span that are further apart are not one after the other any more. */
const MAX_GAP_MS = 60_000
/** A place that was not used for so long is free. */
const IDLE_MS = 10_000

/**
 * The last record of each span (or of each trace, where records name no span), for the transition to the next. One place for
 * each hash, in typed arrays: a span may lose its place to another, which loses a transition and is counted.
 */
export class Trails {
  lost = 0
  /** Of the last `step` that gave a template: the time of that record. */
  beforeMs = 0
  readonly #mask: number
  readonly #keys: Int32Array
  readonly #times: Float64Array
  readonly #last: (Template | undefined)[]

  constructor(limit: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, limit)))
    this.#mask = size - 1
    this.#keys = new Int32Array(2 * size)
    this.#times = new Float64Array(size)
    this.#last = new Array<Template | undefined>(size).fill(undefined)
  }

  /** Goes on to the next record of a span; gives the template of the one before, if there was one. */
  step(a: number, b: number, timeMs: number, template: Template): Template | undefined {
    const place = a & this.#mask
    const own = this.#keys[2 * place] === a && this.#keys[2 * place + 1] === b
    const before = own ? this.#last[place] : undefined
    const since = timeMs - this.#times[place]!
    if (!own) {
      if (this.#last[place] !== undefined && since < IDLE_MS) this.lost++
      this.#keys[2 * place] = a
      this.#keys[2 * place + 1] = b
    } else if (since < 0 && before !== undefined) return undefined
    this.beforeMs = this.#times[place]!
    this.#times[place] = timeMs
    this.#last[place] = template
    return since <= MAX_GAP_MS ? before : undefined
  }
}

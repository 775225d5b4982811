import type { Template } from './template.ts'

/** Records of a span that are further apart are not one after the other any more. */
const MAX_GAP_MS = 60_000
/** A place that was not used for so long is free. */
const IDLE_MS = 10_000
/** Bytes of a place: two words of the key, owner and serial of the template, the time as a double. */
const PLACE = 24

/**
 * The last record of each span (or of each trace, where records name no span), for the transition to the next. One place for
 * each hash, in one buffer, so that a look-up waits for memory once: a span may lose its place to another, which loses a
 * transition and is counted.
 */
export class Trails {
  lost = 0
  /** Of the last `step` that gave a template: the time of that record. */
  beforeMs = 0
  readonly #mask: number
  readonly #words: Int32Array
  readonly #times: Float64Array
  /** Templates by their owner number. */
  readonly #templates: (Template | undefined)[] = []

  constructor(limit: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, limit)))
    const buffer = new ArrayBuffer(size * PLACE)
    this.#mask = size - 1
    this.#words = new Int32Array(buffer)
    this.#times = new Float64Array(buffer)
  }

  /** Goes on to the next record of a span; gives the template of the one before, if there was one. */
  step(a: number, b: number, timeMs: number, template: Template): Template | undefined {
    const words = this.#words
    const times = this.#times
    const place = a & this.#mask
    const at = 6 * place
    const timeAt = 3 * place + 2
    const serial = words[at + 3]!
    const since = timeMs - times[timeAt]!
    const own = serial !== 0 && words[at] === a && words[at + 1] === b
    if (own && since < 0) return undefined
    let before: Template | undefined
    if (own) {
      const found = this.#templates[words[at + 2]!]
      // the number may be another's by now
      if (found !== undefined && found.serial === serial && since <= MAX_GAP_MS) before = found
      this.beforeMs = times[timeAt]!
    } else {
      if (serial !== 0 && since < IDLE_MS) this.lost++
      words[at] = a
      words[at + 1] = b
    }
    const { owner } = template
    if (this.#templates[owner] !== template) this.#templates[owner] = template
    words[at + 2] = owner
    words[at + 3] = template.serial
    times[timeAt] = timeMs
    return before
  }
}

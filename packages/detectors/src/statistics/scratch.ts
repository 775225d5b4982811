/** Widths that room is kept for; a process sees few. */
const MOST = 64

/**
 * Room for intermediate results, one array for all users of a width: thousands of entities need not each have their own. What is in it
 * holds until another user of the same room writes to it, so no longer than the call.
 */
export class Scratch {
  readonly #arrays = new Map<number, Float64Array>()

  of(width: number): Float64Array {
    let array = this.#arrays.get(width)
    if (array === undefined) {
      if (this.#arrays.size >= MOST) this.#arrays.clear()
      array = new Float64Array(width)
      this.#arrays.set(width, array)
    }
    return array
  }
}

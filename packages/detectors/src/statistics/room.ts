/**
 * Where typed arrays that belong together are taken from: side by side in one buffer, since each buffer of its own costs some 200 bytes beside its
 * numbers, and lies on another page of memory.
 */
export class Room {
  readonly #buffer: ArrayBuffer | undefined
  #used = 0

  /** @param bytes of the one buffer; left out: each array gets a buffer of its own */
  constructor(bytes?: number) {
    this.#buffer = bytes === undefined ? undefined : new ArrayBuffer(bytes)
  }

  /** Bytes of all arrays that were taken from it. */
  get used(): number {
    return this.#used
  }

  float64(length: number): Float64Array {
    const at = this.#take(8 * length)
    return this.#buffer === undefined ? new Float64Array(length) : new Float64Array(this.#buffer, at, length)
  }

  float32(length: number): Float32Array {
    const at = this.#take(4 * length)
    return this.#buffer === undefined ? new Float32Array(length) : new Float32Array(this.#buffer, at, length)
  }

  float16(length: number): Float16Array {
    const at = this.#take(2 * length)
    return this.#buffer === undefined ? new Float16Array(length) : new Float16Array(this.#buffer, at, length)
  }

  uint32(length: number): Uint32Array {
    const at = this.#take(4 * length)
    return this.#buffer === undefined ? new Uint32Array(length) : new Uint32Array(this.#buffer, at, length)
  }

  /** Where an array begins; all begin where one of the widest numbers may. */
  #take(bytes: number): number {
    const at = this.#used
    this.#used += Math.ceil(bytes / 8) * 8
    return at
  }
}

/**
 * Makes something that lives long, with all of its arrays in one buffer.
 *
 * @param make called twice, since how much it takes shows when it is made: what it makes must be the same, and the first is thrown away
 */
export function packed<T>(make: (room: Room) => T): T {
  const plan = new Room()
  make(plan)
  return make(new Room(plan.used))
}

/** Numbers of one owner, in an array that others have theirs in too. */
export interface Place<Numbers> {
  readonly numbers: Numbers
  /** Where they begin in it. */
  readonly from: number
}

/**
 * Where what lives long keeps its numbers: side by side in one buffer, and all of a precision in one array over it, since each buffer
 * and each array of its own costs 100 bytes and more beside its numbers, and lies on another page of memory.
 */
export class Room {
  readonly #buffer: ArrayBuffer | undefined
  #doubles: Float64Array | undefined
  #singles: Float32Array | undefined
  #halves: Float16Array | undefined
  #used = 0

  /** @param bytes of the one buffer; left out: each place is an array of its own */
  constructor(bytes?: number) {
    this.#buffer = bytes === undefined ? undefined : new ArrayBuffer(bytes)
  }

  /** Bytes of all places that were taken from it. */
  get used(): number {
    return this.#used
  }

  float64(length: number): Place<Float64Array> {
    const at = this.#take(8 * length)
    if (this.#buffer === undefined) return { numbers: new Float64Array(length), from: 0 }
    this.#doubles ??= new Float64Array(this.#buffer)
    return { numbers: this.#doubles, from: at / 8 }
  }

  float32(length: number): Place<Float32Array> {
    const at = this.#take(4 * length)
    if (this.#buffer === undefined) return { numbers: new Float32Array(length), from: 0 }
    this.#singles ??= new Float32Array(this.#buffer)
    return { numbers: this.#singles, from: at / 4 }
  }

  float16(length: number): Place<Float16Array> {
    const at = this.#take(2 * length)
    if (this.#buffer === undefined) return { numbers: new Float16Array(length), from: 0 }
    this.#halves ??= new Float16Array(this.#buffer)
    return { numbers: this.#halves, from: at / 2 }
  }

  /** Where a place begins; all begin where one of the widest numbers may. */
  #take(bytes: number): number {
    const at = this.#used
    this.#used += Math.ceil(bytes / 8) * 8
    return at
  }
}

/**
 * Makes something that lives long, with all of its numbers in one buffer.
 *
 * @param make called twice, since how much it takes shows when it is made: what it makes must be the same, and the first is thrown away
 */
export function packed<T>(make: (room: Room) => T): T {
  const plan = new Room()
  make(plan)
  return make(new Room(plan.used))
}

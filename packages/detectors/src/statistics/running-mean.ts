import { Room } from './room.ts'

/** Mean of the latest `span` values of each of several series, which all get a value at once, in single precision. */
export class RunningMean {
  readonly #span: number
  readonly #series: number
  readonly #ring: Float32Array
  /** Where the ring begins. */
  readonly #from: number
  #count = 0

  constructor(series: number, span: number, room = new Room()) {
    this.#series = series
    this.#span = span
    const { numbers, from } = room.float32(series * span)
    this.#ring = numbers
    this.#from = from
  }

  /** @param from where the value of the first series is among the values */
  add(values: Float64Array, from: number): void {
    const at = this.#from + (this.#count++ % this.#span) * this.#series
    for (let i = 0; i < this.#series; i++) this.#ring[at + i] = values[from + i]!
  }

  /**
   * Mean of the latest `count` values of a series, at most `span`, as it would be with `next` added, without adding it. Summed anew
   * each time: nothing lingers of a huge value.
   */
  with(series: number, next: number, count: number): number {
    const span = this.#span
    const held = Math.min(this.#count, count - 1)
    let sum = next
    for (let back = 1; back <= held; back++)
      sum += this.#ring[this.#from + ((this.#count - back) % span) * this.#series + series]!
    return sum / (held + 1)
  }

  reset(): void {
    this.#count = 0
    this.#ring.fill(0, this.#from, this.#from + this.#size)
  }

  /** Everything it holds: the count, then the ring. */
  save(): Float64Array {
    return Float64Array.of(this.#count, ...this.#ring.subarray(this.#from, this.#from + this.#size))
  }

  load(saved: Float64Array): void {
    this.#count = saved[0]!
    this.#ring.set(saved.subarray(1), this.#from)
  }

  get saved(): number {
    return 1 + this.#size
  }

  get #size(): number {
    return this.#series * this.#span
  }
}

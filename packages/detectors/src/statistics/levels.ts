import { Room } from './room.ts'

/** Of the vectors that are judged; and of those that are learned, which come later, and not all of them come. */
export const [JUDGED, LEARNED] = [0, 1] as const
type Course = typeof JUDGED | typeof LEARNED

/** Exponentially weighted moving averages of two courses of vectors (S. W. Roberts 1959). Before the first vector of a course there is none. */
export class Levels {
  readonly #width: number
  readonly #span: number
  /** Whether either has begun (1) or not (0), then the averages of either. */
  readonly #numbers: Float64Array
  readonly #from: number

  /** @param span vectors that it looks back, on average */
  constructor(width: number, span: number, room = new Room()) {
    this.#width = width
    this.#span = span
    const { numbers, from } = room.float64(2 + 2 * width)
    this.#numbers = numbers
    this.#from = from
  }

  started(course: Course): boolean {
    return this.#numbers[this.#from + course] === 1
  }

  /** The average itself, not a copy; zeros while there is none. */
  of(course: Course): Float64Array {
    const at = this.#at(course)
    return this.#numbers.subarray(at, at + this.#width)
  }

  add(course: Course, vector: Float64Array): void {
    const numbers = this.#numbers
    const weight = this.started(course) ? 1 / this.#span : 1
    const at = this.#at(course)
    numbers[this.#from + course] = 1
    for (let i = 0; i < this.#width; i++) numbers[at + i]! += weight * (vector[i]! - numbers[at + i]!)
  }

  /** Writes vector − average to `out`; 0 while there is none. */
  deviation(course: Course, vector: Float64Array, out: Float64Array): void {
    if (!this.started(course)) {
      out.fill(0, 0, this.#width)
      return
    }
    const numbers = this.#numbers
    const at = this.#at(course)
    for (let i = 0; i < this.#width; i++) out[i] = vector[i]! - numbers[at + i]!
  }

  reset(course: Course, values?: Float64Array): void {
    this.#numbers[this.#from + course] = values === undefined ? 0 : 1
    if (values === undefined) this.of(course).fill(0)
    else this.of(course).set(values)
  }

  /** Judges from now on after the vectors that were learned. */
  catchUp(): void {
    this.reset(JUDGED, this.started(LEARNED) ? this.of(LEARNED) : undefined)
  }

  #at(course: Course): number {
    return this.#from + 2 + course * this.#width
  }
}

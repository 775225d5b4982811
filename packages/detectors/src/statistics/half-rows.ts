import type { Layers } from '../codec/layers.ts'
import type { Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { single } from './precision.ts'
import { Room } from './room.ts'
import { Scratch } from './scratch.ts'

/** What the farthest value of a column is stored as: as many times as far may still come, and a hundred thousandth of it is told from 0. */
const FAR = 64
const LARGEST = 65_504
const columns = new Scratch()

/**
 * Rows of numbers in half precision, each column relative to its own median and in its own unit, so that the level of a number costs
 * no digits: what is kept of a value is its distance from the usual one, to 1 in 2,000. Medians and units are taken anew each time that row 0 is
 * written, so rows are best written in turn. A value beyond 3.4e38 is taken as that; NaN stays NaN.
 */
export class HalfRows {
  readonly #width: number
  readonly #size: number
  readonly #halves: Float16Array
  readonly #from: number
  /** Origin of each column, NaN before its first value; then its unit. */
  readonly #scales: Float64Array
  readonly #origins: number
  readonly #units: number

  constructor(rows: number, width: number, room = new Room()) {
    this.#width = width
    this.#size = rows * width
    const halves = room.float16(this.#size)
    this.#halves = halves.numbers
    this.#from = halves.from
    const scales = room.float64(2 * width)
    this.#scales = scales.numbers
    this.#origins = scales.from
    this.#units = scales.from + width
    this.#scales.fill(Number.NaN, this.#origins, this.#units)
  }

  set(row: number, column: number, value: number): void {
    if (row === 0) this.#renew(column)
    this.#halves[this.#from + row * this.#width + column] = this.#encode(column, single(value))
  }

  get(row: number, column: number): number {
    return this.#decode(column, this.#halves[this.#from + row * this.#width + column]!)
  }

  layers(name: string): [string, Layer][] {
    const halves = this.#halves.subarray(this.#from, this.#from + this.#size)
    const scales = this.#scales.subarray(this.#origins, this.#units + this.#width)
    return [
      [`${name}.halves`, { data: halves, shape: [this.#size / this.#width, this.#width] }],
      [`${name}.scales`, { data: scales, shape: [2, this.#width] }],
    ]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(name: string, layers: Layers): void {
    const halves = layers.float16(`${name}.halves`, this.#size)
    const scales = layers.float64(`${name}.scales`, 2 * this.#width)
    if (scales.subarray(this.#width).some((unit) => !(unit >= 0)))
      throw new ModelError('corrupt', `${name} with a unit below 0`)
    this.#halves.set(halves, this.#from)
    this.#scales.set(scales, this.#origins)
  }

  #decode(column: number, half: number): number {
    return this.#scales[this.#origins + column]! + half * this.#scales[this.#units + column]!
  }

  #encode(column: number, value: number): number {
    const scales = this.#scales
    const origin = this.#origins + column
    const unit = this.#units + column
    if (Number.isNaN(value)) return Number.NaN
    if (Number.isNaN(scales[origin])) scales[origin] = value
    const distance = value - scales[origin]!
    if (distance === 0) return 0
    if (Math.abs(distance) > LARGEST * scales[unit]!) this.#widen(column, Math.abs(distance) / FAR)
    return distance / scales[unit]!
  }

  #widen(column: number, unit: number): void {
    const before = this.#scales[this.#units + column]!
    this.#scales[this.#units + column] = unit
    const halves = this.#halves
    for (let at = this.#from + column; at < this.#from + this.#size; at += this.#width)
      halves[at]! *= before / unit
  }

  /** By the values that the column holds. */
  #renew(column: number): void {
    const halves = this.#halves
    const first = this.#from + column
    const end = this.#from + this.#size
    const held = columns.of(this.#size / this.#width)
    let count = 0
    for (let at = first; at < end; at += this.#width) {
      const value = this.#decode(column, halves[at]!)
      if (!Number.isNaN(value)) held[count++] = value
    }
    if (count === 0) return
    const values = held.subarray(0, count).sort()
    const origin = values[values.length >> 1]!
    const farthest = Math.max(origin - values[0]!, values.at(-1)! - origin)
    const unit = farthest / FAR
    for (let at = first; at < end; at += this.#width) {
      const distance = this.#decode(column, halves[at]!) - origin
      halves[at] = unit > 0 ? distance / unit : 0 * distance
    }
    this.#scales[this.#origins + column] = origin
    this.#scales[this.#units + column] = unit
  }
}

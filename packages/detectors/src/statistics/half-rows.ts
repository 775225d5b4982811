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
  readonly #halves: Float16Array
  /** Origin of each column, NaN before its first value; then its unit. */
  readonly #scales: Float64Array

  constructor(rows: number, width: number, room = new Room()) {
    this.#width = width
    this.#halves = room.float16(rows * width)
    this.#scales = room.float64(2 * width).fill(Number.NaN, 0, width)
  }

  set(row: number, column: number, value: number): void {
    if (row === 0) this.#renew(column)
    this.#halves[row * this.#width + column] = this.#encode(column, single(value))
  }

  get(row: number, column: number): number {
    return this.#decode(column, this.#halves[row * this.#width + column]!)
  }

  layers(name: string): [string, Layer][] {
    const rows = this.#halves.length / this.#width
    return [
      [`${name}.halves`, { data: this.#halves, shape: [rows, this.#width] }],
      [`${name}.scales`, { data: this.#scales, shape: [2, this.#width] }],
    ]
  }

  /** @throws ModelError, and is then as it was */
  restoreFrom(name: string, layers: Layers): void {
    const halves = layers.float16(`${name}.halves`, this.#halves.length)
    const scales = layers.float64(`${name}.scales`, this.#scales.length)
    if (scales.subarray(this.#width).some((unit) => !(unit >= 0)))
      throw new ModelError('corrupt', `${name} with a unit below 0`)
    this.#halves.set(halves)
    this.#scales.set(scales)
  }

  #decode(column: number, half: number): number {
    return this.#scales[column]! + half * this.#scales[this.#width + column]!
  }

  #encode(column: number, value: number): number {
    const scales = this.#scales
    if (Number.isNaN(value)) return Number.NaN
    if (Number.isNaN(scales[column])) scales[column] = value
    const distance = value - scales[column]!
    if (distance === 0) return 0
    if (Math.abs(distance) > LARGEST * scales[this.#width + column]!)
      this.#widen(column, Math.abs(distance) / FAR)
    return distance / scales[this.#width + column]!
  }

  #widen(column: number, unit: number): void {
    const before = this.#scales[this.#width + column]!
    this.#scales[this.#width + column] = unit
    for (let at = column; at < this.#halves.length; at += this.#width) this.#halves[at]! *= before / unit
  }

  /** By the values that the column holds. */
  #renew(column: number): void {
    const held = columns.of(this.#halves.length / this.#width)
    let count = 0
    for (let at = column; at < this.#halves.length; at += this.#width) {
      const value = this.#decode(column, this.#halves[at]!)
      if (!Number.isNaN(value)) held[count++] = value
    }
    if (count === 0) return
    const values = held.subarray(0, count).sort()
    const origin = values[values.length >> 1]!
    const farthest = Math.max(origin - values[0]!, values.at(-1)! - origin)
    const unit = farthest / FAR
    for (let at = column; at < this.#halves.length; at += this.#width) {
      const distance = this.#decode(column, this.#halves[at]!) - origin
      this.#halves[at] = unit > 0 ? distance / unit : 0 * distance
    }
    this.#scales[column] = origin
    this.#scales[this.#width + column] = unit
  }
}

/** The nearest of some vectors, by Euclidean distance, in buffers that are used again. */
export class Nearest {
  /** Ascending; valid until the next search, as are `indices` and `count`. */
  readonly distances: Float64Array
  readonly indices: Uint32Array
  #count = 0

  /** @param most how many are looked for */
  constructor(most: number) {
    this.distances = new Float64Array(most)
    this.indices = new Uint32Array(most)
  }

  /** How many were found: fewer than looked for when there are not more. */
  get count(): number {
    return this.#count
  }

  /**
   * @param rows vectors one after the other, @param without index of a vector that is left out, or -1
   * @returns distance of the last one found, 0 when there is none
   */
  find(vector: Float64Array, rows: Float64Array, without: number): number {
    const { distances, indices } = this
    const width = vector.length
    const most = distances.length
    let held = 0
    let limit = Number.POSITIVE_INFINITY
    for (let row = 0, at = 0; at < rows.length; row++, at += width) {
      let square = 0
      for (let i = 0; i < width; i++) {
        const difference = vector[i]! - rows[at + i]!
        square += difference * difference
      }
      if (square >= limit || row === without) continue
      let place = held < most ? held++ : most - 1
      for (; place > 0 && distances[place - 1]! > square; place--) {
        distances[place] = distances[place - 1]!
        indices[place] = indices[place - 1]!
      }
      distances[place] = square
      indices[place] = row
      if (held === most) limit = distances[most - 1]!
    }
    for (let place = 0; place < held; place++) distances[place] = Math.sqrt(distances[place]!)
    this.#count = held
    return held > 0 ? distances[held - 1]! : 0
  }
}

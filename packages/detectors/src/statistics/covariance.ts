/** Mean and covariance of vectors, exponentially forgetting after `fit`. Row-major, symmetric. */
export class Covariance {
  readonly mean: Float64Array
  readonly matrix: Float64Array
  readonly #weight: number
  readonly #delta: Float64Array
  #count = 0

  /** @param halfLife vectors after which a vector weighs half; while there are fewer, all weigh the same */
  constructor(width: number, halfLife: number) {
    this.mean = new Float64Array(width)
    this.matrix = new Float64Array(width * width)
    this.#weight = 1 - 2 ** (-1 / halfLife)
    this.#delta = new Float64Array(width)
  }

  /** Vectors seen, without forgetting. */
  get count(): number {
    return this.#count
  }

  add(vector: Float64Array): void {
    const { mean, matrix } = this
    const width = mean.length
    const delta = this.#delta
    const weight = Math.max(this.#weight, 1 / ++this.#count)
    for (let i = 0; i < width; i++) {
      delta[i] = vector[i]! - mean[i]!
      mean[i]! += weight * delta[i]!
    }
    for (let i = 0; i < width; i++) {
      const own = weight * delta[i]!
      for (let j = 0; j < width; j++) {
        const at = i * width + j
        matrix[at] = (1 - weight) * (matrix[at]! + own * delta[j]!)
      }
    }
  }

  reset(count = 0, mean?: Float64Array, matrix?: Float64Array): void {
    this.#count = count
    if (mean === undefined) this.mean.fill(0)
    else this.mean.set(mean)
    if (matrix === undefined) this.matrix.fill(0)
    else this.matrix.set(matrix)
  }
}

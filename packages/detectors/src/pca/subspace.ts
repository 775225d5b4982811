import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Vectors that the covariance is taken from at most: evenly chosen from longer histories. */
const MOST = 8192

/**
 * The directions in which vectors vary most, around their mean: principal components, from the eigenvalues of the covariance.
 * Rows may overlap (`stride` < `width`), as the windows of a series do.
 */
export class Subspace {
  mean: Float64Array
  /** One component after the other, each of length 1, the strongest first. */
  components: Float64Array

  constructor(width: number) {
    this.mean = new Float64Array(width)
    this.components = new Float64Array(0)
  }

  /**
   * @param values row r begins at r × stride, @param share of the variance that the components hold together,
   * @param most components at the most; one dimension is always left over
   */
  fit(values: Float64Array, stride: number, share: number, most: number): void {
    const width = this.mean.length
    const count = Math.max(0, Math.floor((values.length - width) / stride) + 1)
    const step = stride * Math.ceil(Math.max(1, count / MOST))
    const used = count === 0 ? 0 : Math.floor(((count - 1) * stride) / step) + 1
    this.mean = new Float64Array(width)
    for (let row = 0; row < used; row++)
      for (let i = 0; i < width; i++) this.mean[i]! += values[row * step + i]! / used
    const { eigenvalues, vectors } = this.#decompose(values, step, used)
    const total = eigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0)
    let kept = 0
    for (let held = 0; kept < Math.min(most, width - 1) && held < share * total; kept++)
      held += Math.max(0, eigenvalues[width - 1 - kept]!)
    this.components = new Float64Array(kept * width)
    for (let k = 0; k < kept; k++)
      for (let i = 0; i < width; i++) this.components[k * width + i] = vectors.get(i, width - 1 - k)
  }

  /** Writes to `out` what is left of the vector when its mean and its components are taken away. */
  residual(vector: Float64Array, out: Float64Array): void {
    const { mean } = this
    for (let i = 0; i < mean.length; i++) out[i] = vector[i]! - mean[i]!
    this.takeOut(out)
  }

  /** Takes the components out of a vector around 0, in place. */
  takeOut(out: Float64Array): void {
    const { components } = this
    const width = this.mean.length
    // One after the other (modified Gram–Schmidt), since the components are orthogonal: needs no second buffer.
    for (let from = 0; from < components.length; from += width) {
      let length = 0
      for (let i = 0; i < width; i++) length += components[from + i]! * out[i]!
      for (let i = 0; i < width; i++) out[i]! -= length * components[from + i]!
    }
  }

  /** Eigenvalues ascending, eigenvectors as columns. */
  #decompose(values: Float64Array, step: number, used: number) {
    const width = this.mean.length
    const covariance = new Float64Array(width * width)
    const centered = new Float64Array(width)
    for (let row = 0; row < used; row++) {
      for (let i = 0; i < width; i++) centered[i] = values[row * step + i]! - this.mean[i]!
      for (let i = 0; i < width; i++) {
        const own = centered[i]! / used
        for (let j = 0; j <= i; j++) covariance[i * width + j]! += own * centered[j]!
      }
    }
    const matrix = new Matrix(width, width)
    for (let i = 0; i < width; i++)
      for (let j = 0; j <= i; j++) {
        matrix.set(i, j, covariance[i * width + j]!)
        matrix.set(j, i, covariance[i * width + j]!)
      }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
      assumeSymmetric: true,
    })
    return { eigenvalues: realEigenvalues, vectors: eigenvectorMatrix }
  }
}

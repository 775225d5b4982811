/**
 * A dense layer for one vector at a time: out = weights × x + bias. The weights of one output lie side by side, and four outputs are
 * computed at once, so that each input is read once for four and no sum waits for another. Outputs are padded to a multiple of four.
 */
export class Dense {
  /** Outputs with the padding: the length that `out` must have. */
  readonly padded: number
  readonly #inputs: number
  readonly #weights: Float32Array
  readonly #bias: Float32Array

  constructor(
    inputs: number,
    outputs: number,
    weight: (input: number, output: number) => number,
    bias: (output: number) => number,
  ) {
    this.padded = Math.ceil(outputs / 4) * 4
    this.#inputs = inputs
    this.#weights = new Float32Array(this.padded * inputs)
    this.#bias = Float32Array.from({ length: this.padded }, (_, o) => (o < outputs ? bias(o) : 0))
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) this.#weights[o * inputs + i] = weight(i, o)
  }

  apply(x: Float64Array, out: Float64Array): void {
    const weights = this.#weights
    const bias = this.#bias
    const inputs = this.#inputs
    const outputs = this.padded
    const even = inputs & ~1
    for (let o = 0; o < outputs; o += 4) {
      const first = o * inputs
      const second = first + inputs
      const third = second + inputs
      const fourth = third + inputs
      let a = bias[o]!
      let b = bias[o + 1]!
      let c = bias[o + 2]!
      let d = bias[o + 3]!
      for (let i = 0; i < even; i += 2) {
        const one = x[i]!
        const two = x[i + 1]!
        a += weights[first + i]! * one + weights[first + i + 1]! * two
        b += weights[second + i]! * one + weights[second + i + 1]! * two
        c += weights[third + i]! * one + weights[third + i + 1]! * two
        d += weights[fourth + i]! * one + weights[fourth + i + 1]! * two
      }
      if (even < inputs) {
        const last = x[even]!
        a += weights[first + even]! * last
        b += weights[second + even]! * last
        c += weights[third + even]! * last
        d += weights[fourth + even]! * last
      }
      out[o] = a
      out[o + 1] = b
      out[o + 2] = c
      out[o + 3] = d
    }
  }
}

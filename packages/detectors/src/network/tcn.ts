import { Dense } from './dense.ts'
import type { Kernel } from './kernel.ts'
import { layerValues } from './layer-values.ts'
import type { TcnSpec } from './spec.ts'

/**
 * Dilated causal convolutions: the next vector as the latest ones lead to expect it, 1 + (kernel − 1) × sum(dilations) of them. Each block remembers
 * only the inputs that its convolution still needs. State: a ring of them per block, and where each ring begins.
 *
 * Source: S. Bai, J. Kolter, V. Koltun: An empirical evaluation of generic convolutional and recurrent networks (2018).
 */
export class TcnKernel implements Kernel {
  readonly stateSize: number
  readonly predictsNext = true
  readonly #channels: number
  readonly #kernel: number
  readonly #dilations: readonly number[]
  readonly #input: Dense
  readonly #blocks: Dense[]
  readonly #output: Dense
  /** What runs through the blocks. */
  readonly #stream: Float64Array
  /** All taps of one convolution, oldest first. */
  readonly #taps: Float64Array
  readonly #convolved: Float64Array
  readonly #predicted: Float64Array

  constructor(spec: TcnSpec, values: Float32Array) {
    const { channels, kernel, dilations, inputs } = spec
    const layer = layerValues(spec, values)
    const dense = (name: string, from: number, to: number) => {
      const weights = layer(`${name}.kernel`)
      const bias = layer(`${name}.bias`)
      return new Dense(
        from,
        to,
        (input, output) => weights[input * to + output]!,
        (output) => bias[output]!,
      )
    }
    this.#channels = channels
    this.#kernel = kernel
    this.#dilations = dilations
    this.#input = dense('input', inputs, channels)
    this.#blocks = dilations.map((_, i) => dense(`block.${i}`, kernel * channels, channels))
    this.#output = dense('output', channels, inputs)
    const rings = dilations.reduce((sum, dilation) => sum + (kernel - 1) * dilation, 0)
    this.stateSize = dilations.length + rings * channels
    this.#stream = new Float64Array(this.#input.padded)
    this.#taps = new Float64Array(kernel * channels)
    this.#convolved = new Float64Array(this.#input.padded)
    this.#predicted = new Float64Array(this.#output.padded)
  }

  step(input: Float64Array, state: Float32Array, out: Float64Array): void {
    const channels = this.#channels
    const stream = this.#stream
    const taps = this.#taps
    const convolved = this.#convolved
    const before = this.#kernel - 1
    this.#input.apply(input, stream)
    let ring = this.#blocks.length
    for (let block = 0; block < this.#blocks.length; block++) {
      const dilation = this.#dilations[block]!
      const length = before * dilation
      // The place of the oldest, which the newest takes.
      const oldest = state[block]!
      for (let tap = 0; tap < before; tap++) {
        const from = ring + ((oldest + tap * dilation) % length) * channels
        const to = tap * channels
        for (let i = 0; i < channels; i++) taps[to + i] = state[from + i]!
      }
      const to = before * channels
      for (let i = 0; i < channels; i++) taps[to + i] = stream[i]!
      if (length > 0) {
        const place = ring + oldest * channels
        for (let i = 0; i < channels; i++) state[place + i] = stream[i]!
        state[block] = (oldest + 1) % length
      }
      this.#blocks[block]!.apply(taps, convolved)
      for (let i = 0; i < channels; i++) stream[i]! += Math.max(0, convolved[i]!)
      ring += length * channels
    }
    const predicted = this.#predicted
    this.#output.apply(stream, predicted)
    for (let i = 0; i < out.length; i++) out[i] = predicted[i]!
  }
}

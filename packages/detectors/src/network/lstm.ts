import { sigmoid, tanh } from './activation.ts'
import { Dense } from './dense.ts'
import type { Kernel } from './kernel.ts'
import { layerValues } from './layer-values.ts'
import type { LstmSpec } from './spec.ts'

/** Order of the gates within the kernels, as TensorFlow.js has them: input, forget, cell, output. */
const GATES = 4

/**
 * LSTM layers, then a linear one: the next vector as the vectors so far lead to expect it. State: output and cell of each layer.
 *
 * Source: S. Hochreiter, J. Schmidhuber: Long short-term memory (1997), with forget gates (F. Gers et al. 2000).
 */
export class LstmKernel implements Kernel {
  readonly stateSize: number
  readonly predictsNext = true
  readonly #hidden: number
  readonly #cells: Dense[]
  readonly #output: Dense
  /** Of each layer: its input, then its own output of the step before. */
  readonly #inputs: Float64Array[]
  readonly #gates: Float64Array
  readonly #last: Float64Array
  readonly #predicted: Float64Array

  constructor(spec: LstmSpec, values: Float32Array) {
    const { hidden, inputs } = spec
    const layer = layerValues(spec, values)
    this.#hidden = hidden
    this.stateSize = 2 * hidden * spec.layers
    this.#cells = Array.from({ length: spec.layers }, (_, i) => {
      const from = i === 0 ? inputs : hidden
      const kernel = layer(`lstm.${i}.kernel`)
      const recurrent = layer(`lstm.${i}.recurrent`)
      const bias = layer(`lstm.${i}.bias`)
      // The gates of one unit side by side: the four outputs that are computed together.
      const column = (output: number) => (output % GATES) * hidden + Math.floor(output / GATES)
      const row = GATES * hidden
      return new Dense(
        from + hidden,
        GATES * hidden,
        (input, output) =>
          input < from
            ? kernel[input * row + column(output)]!
            : recurrent[(input - from) * row + column(output)]!,
        (output) => bias[column(output)]!,
      )
    })
    const kernel = layer('output.kernel')
    const bias = layer('output.bias')
    this.#output = new Dense(
      hidden,
      inputs,
      (from, to) => kernel[from * inputs + to]!,
      (to) => bias[to]!,
    )
    this.#inputs = this.#cells.map((_, i) => new Float64Array((i === 0 ? inputs : hidden) + hidden))
    this.#gates = new Float64Array(GATES * hidden)
    this.#last = new Float64Array(hidden)
    this.#predicted = new Float64Array(this.#output.padded)
  }

  step(input: Float64Array, state: Float32Array, out: Float64Array): void {
    const hidden = this.#hidden
    const gates = this.#gates
    let from = input
    for (let layer = 0; layer < this.#cells.length; layer++) {
      const x = this.#inputs[layer]!
      const width = x.length - hidden
      const h = 2 * hidden * layer
      const c = h + hidden
      for (let i = 0; i < width; i++) x[i] = from[i]!
      for (let i = 0; i < hidden; i++) x[width + i] = state[h + i]!
      this.#cells[layer]!.apply(x, gates)
      const last = this.#last
      for (let unit = 0; unit < hidden; unit++) {
        const at = GATES * unit
        const cell = sigmoid(gates[at + 1]!) * state[c + unit]! + sigmoid(gates[at]!) * tanh(gates[at + 2]!)
        state[c + unit] = cell
        const output = sigmoid(gates[at + 3]!) * tanh(cell)
        state[h + unit] = output
        last[unit] = output
      }
      from = last
    }
    const predicted = this.#predicted
    this.#output.apply(from, predicted)
    for (let i = 0; i < out.length; i++) out[i] = predicted[i]!
  }
}

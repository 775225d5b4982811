import { tanh } from './activation.ts'
import { Dense } from './dense.ts'
import type { Kernel } from './kernel.ts'
import { layerValues } from './layer-values.ts'
import type { AutoencoderSpec } from './spec.ts'

/** Dense layers with tanh, the last one linear: the vector as the narrowest layer lets it through. Keeps no state. */
export class AutoencoderKernel implements Kernel {
  readonly stateSize = 0
  readonly predictsNext = false
  readonly #layers: Dense[]
  readonly #outputs: Float64Array[]

  constructor(spec: AutoencoderSpec, values: Float32Array) {
    const layer = layerValues(spec, values)
    const sizes = [spec.inputs, ...spec.hidden, spec.inputs]
    this.#layers = sizes.slice(1).map((outputs, i) => {
      const kernel = layer(`dense.${i}.kernel`)
      const bias = layer(`dense.${i}.bias`)
      return new Dense(
        sizes[i]!,
        outputs,
        (from, to) => kernel[from * outputs + to]!,
        (to) => bias[to]!,
      )
    })
    this.#outputs = this.#layers.map(({ padded }) => new Float64Array(padded))
  }

  step(input: Float64Array, _state: Float32Array, out: Float64Array): void {
    let from = input
    const last = this.#layers.length - 1
    for (let layer = 0; layer <= last; layer++) {
      const to = this.#outputs[layer]!
      this.#layers[layer]!.apply(from, to)
      if (layer < last) for (let i = 0; i < to.length; i++) to[i] = tanh(to[i]!)
      from = to
    }
    for (let i = 0; i < out.length; i++) out[i] = from[i]!
  }
}

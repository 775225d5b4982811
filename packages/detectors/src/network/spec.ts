/**
 * Shape of a network over vectors of `inputs` standardised features.
 *
 * - `autoencoder`: dense layers of `hidden` units (tanh), then `inputs` linear ones: reconstructs the vector.
 * - `lstm`: `layers` LSTM layers of `hidden` units, then a linear one: predicts the next vector.
 * - `tcn`: a linear layer to `channels`, then for each of `dilations` a causal convolution over `kernel` steps that far apart (ReLU),
 *   added to what it was made from, then a linear layer: predicts the next vector.
 */
export type NetworkSpec = AutoencoderSpec | LstmSpec | TcnSpec

export interface AutoencoderSpec {
  readonly kind: 'autoencoder'
  readonly inputs: number
  readonly hidden: readonly number[]
}

export interface LstmSpec {
  readonly kind: 'lstm'
  readonly inputs: number
  readonly hidden: number
  readonly layers: number
}

export interface TcnSpec {
  readonly kind: 'tcn'
  readonly inputs: number
  readonly channels: number
  readonly kernel: number
  readonly dilations: readonly number[]
}

/** One array of weights within the flat buffer. */
export interface WeightLayer {
  readonly name: string
  /** Row-major; kernels have their inputs first and their outputs last, as TensorFlow.js has them. */
  readonly shape: readonly number[]
  /** Where it begins, in values. */
  readonly offset: number
  readonly length: number
}

/** Sizes beyond these are a mistake, and would not be affordable per vector. */
const LARGEST_LAYER = 4096
const MOST_LAYERS = 32

/** The shape with defaults for the sizes: two LSTM layers of 64 units, a TCN that looks back 31 vectors, a narrow autoencoder. */
export function networkSpec(kind: NetworkSpec['kind'], inputs: number): NetworkSpec {
  if (kind === 'lstm') return { kind, inputs, hidden: 64, layers: 2 }
  if (kind === 'tcn') return { kind, inputs, channels: 32, kernel: 3, dilations: [1, 2, 4, 8] }
  const outer = Math.max(2, Math.ceil((2 * inputs) / 3))
  return { kind, inputs, hidden: [outer, Math.max(1, Math.ceil(inputs / 3)), outer] }
}

/** The layer table: every array of weights, in the order of the flat buffer. @throws RangeError for sizes that no network has */
export function weightLayers(spec: NetworkSpec): WeightLayer[] {
  checkSizes(spec)
  const shapes = shapesOf(spec)
  const layers: WeightLayer[] = []
  let offset = 0
  for (const [name, shape] of shapes) {
    const length = shape.reduce((a, b) => a * b, 1)
    layers.push({ name, shape, offset, length })
    offset += length
  }
  return layers
}

export function weightCount(spec: NetworkSpec): number {
  return weightLayers(spec).reduce((sum, { length }) => sum + length, 0)
}

/** One text per shape, whatever the order of the object's fields. */
export function specText(spec: NetworkSpec): string {
  const { kind, inputs } = spec
  if (kind === 'autoencoder') return JSON.stringify({ kind, inputs, hidden: spec.hidden })
  if (kind === 'lstm') return JSON.stringify({ kind, inputs, hidden: spec.hidden, layers: spec.layers })
  const { channels, kernel, dilations } = spec
  return JSON.stringify({ kind, inputs, channels, kernel, dilations })
}

type Shapes = [name: string, shape: number[]][]

function shapesOf(spec: NetworkSpec): Shapes {
  if (spec.kind === 'autoencoder') {
    const sizes = [spec.inputs, ...spec.hidden, spec.inputs]
    return sizes.slice(1).flatMap((size, i) => dense(`dense.${i}`, sizes[i]!, size))
  }
  if (spec.kind === 'lstm') {
    const { inputs, hidden } = spec
    const cells = Array.from({ length: spec.layers }, (_, i): Shapes => {
      const from = i === 0 ? inputs : hidden
      return [
        [`lstm.${i}.kernel`, [from, 4 * hidden]],
        [`lstm.${i}.recurrent`, [hidden, 4 * hidden]],
        [`lstm.${i}.bias`, [4 * hidden]],
      ]
    })
    return [...cells.flat(), ...dense('output', hidden, inputs)]
  }
  const { inputs, channels, kernel } = spec
  return [
    ...dense('input', inputs, channels),
    ...spec.dilations.flatMap(
      (_, i): Shapes => [
        [`block.${i}.kernel`, [kernel, channels, channels]],
        [`block.${i}.bias`, [channels]],
      ],
    ),
    ...dense('output', channels, inputs),
  ]
}

const dense = (name: string, from: number, to: number): Shapes => [
  [`${name}.kernel`, [from, to]],
  [`${name}.bias`, [to]],
]

function checkSizes(spec: NetworkSpec): void {
  const sizes =
    spec.kind === 'autoencoder'
      ? spec.hidden
      : spec.kind === 'lstm'
        ? [spec.hidden]
        : [spec.channels, spec.kernel, ...spec.dilations]
  for (const size of [spec.inputs, ...sizes])
    if (!Number.isInteger(size) || size < 1 || size > LARGEST_LAYER)
      throw new RangeError(`${spec.kind}: a size of ${size} is not from 1 to ${LARGEST_LAYER}`)
  const count =
    spec.kind === 'lstm' ? spec.layers : spec.kind === 'tcn' ? spec.dilations.length : spec.hidden.length
  if (!Number.isInteger(count) || count < 1 || count > MOST_LAYERS)
    throw new RangeError(`${spec.kind}: ${count} layers are not from 1 to ${MOST_LAYERS}`)
}

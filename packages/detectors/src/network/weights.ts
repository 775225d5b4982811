import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { Layers } from '../codec/layers.ts'
import { encodeModel, type Layer } from '../codec/model.ts'
import { ModelError } from '../codec/model-error.ts'
import { type NetworkSpec, specText, weightCount, weightLayers } from './spec.ts'

/**
 * Weights of one network, shared by all detectors of a stream. Never written to: training makes new ones. Plain data, so that a
 * worker can be sent them.
 */
export interface Weights {
  readonly network: NetworkSpec
  /** All layers one after the other, as `weightLayers(network)` says. */
  readonly values: Float32Array
  /** Grows with each training. */
  readonly version: number
  /** SHA-256 of shape and values, in hexadecimal: what a detector's model file refers to. */
  readonly hash: string
}

const KIND = 'network_weights'
const VERSION = 1

/** @param values are copied. @throws RangeError when they are not as many as the network has, or not all finite */
export function makeWeights(network: NetworkSpec, values: Float32Array, version: number): Weights {
  const count = weightCount(network)
  if (values.length !== count)
    throw new RangeError(`${network.kind} has ${count} weights, got ${values.length}`)
  if (!values.every(Number.isFinite)) throw new RangeError(`${network.kind}: not all weights are finite`)
  const own = values.slice()
  const hash = sha256.create().update(utf8ToBytes(specText(network)))
  hash.update(new Uint8Array(own.buffer, own.byteOffset, own.byteLength))
  return { network, values: own, version, hash: bytesToHex(hash.digest()) }
}

export function encodeWeights({ network, values, version }: Weights): Uint8Array {
  const layers = new Map<string, Layer>([
    ['network', { data: specText(network) }],
    ['version', { data: Float64Array.of(version) }],
  ])
  for (const { name, shape, offset, length } of weightLayers(network))
    layers.set(name, { data: values.subarray(offset, offset + length), shape })
  return encodeModel({ kind: KIND, version: VERSION, layers })
}

/** @throws ModelError when the bytes are not sound weights of this very network */
export function decodeWeights(bytes: Uint8Array, network: NetworkSpec): Weights {
  const layers = new Layers(bytes, KIND, VERSION)
  layers.same('network', specText(network))
  const values = new Float32Array(weightCount(network))
  for (const { name, offset, length } of weightLayers(network))
    values.set(layers.float32(name, length), offset)
  const version = layers.float64('version', 1)[0]!
  if (!values.every(Number.isFinite)) throw new ModelError('corrupt', 'not all weights are finite')
  return makeWeights(network, values, version)
}

import { decodeModel, type LayerData, type Model } from './model.ts'
import { ModelError } from './model-error.ts'

/** Reads the layers of a model of a known kind, each with the type and length that the reader needs, or a ModelError. */
export class Layers {
  readonly #model: Model

  constructor(bytes: Uint8Array, kind: string, version: number) {
    this.#model = decodeModel(bytes)
    if (this.#model.kind !== kind)
      throw new ModelError('foreign', `model of ${this.#model.kind}, expected ${kind}`)
    if (this.#model.version !== version)
      throw new ModelError(
        'unsupported_version',
        `${kind} version ${this.#model.version}, expected ${version}`,
      )
  }

  float64(name: string, length?: number): Float64Array {
    const data = this.#get(name)
    if (!(data instanceof Float64Array)) throw wrong(name, 'f64')
    return sized(data, name, length)
  }

  float32(name: string, length?: number): Float32Array {
    const data = this.#get(name)
    if (!(data instanceof Float32Array)) throw wrong(name, 'f32')
    return sized(data, name, length)
  }

  float16(name: string, length?: number): Float16Array {
    const data = this.#get(name)
    if (!(data instanceof Float16Array)) throw wrong(name, 'f16')
    return sized(data, name, length)
  }

  int32(name: string, length?: number): Int32Array {
    const data = this.#get(name)
    if (!(data instanceof Int32Array)) throw wrong(name, 'i32')
    return sized(data, name, length)
  }

  uint32(name: string, length?: number): Uint32Array {
    const data = this.#get(name)
    if (!(data instanceof Uint32Array)) throw wrong(name, 'u32')
    return sized(data, name, length)
  }

  bytes(name: string): Uint8Array {
    const data = this.#get(name)
    if (!(data instanceof Uint8Array)) throw wrong(name, 'u8')
    return data
  }

  text(name: string): string {
    const data = this.#get(name)
    if (typeof data !== 'string') throw wrong(name, 'text')
    return data
  }

  has(name: string): boolean {
    return this.#model.layers.has(name)
  }

  /** Refuses a model that was made for other features or options. */
  same(name: string, text: string): void {
    const data = this.#get(name)
    if (data !== text)
      throw new ModelError('foreign', `${name} is ${cut(String(data))}, expected ${cut(text)}`)
  }

  #get(name: string): LayerData {
    const layer = this.#model.layers.get(name)
    if (layer === undefined) throw new ModelError('foreign', `no layer ${name}`)
    return layer.data
  }
}

/** Options of a large model are no message. */
const cut = (text: string) => (text.length > 500 ? `${text.slice(0, 500)}…` : text)

const wrong = (name: string, type: string) => new ModelError('foreign', `layer ${name} is not ${type}`)

function sized<T extends { readonly length: number }>(data: T, name: string, length: number | undefined): T {
  if (length !== undefined && data.length !== length)
    throw new ModelError('foreign', `layer ${name} has ${data.length} elements, expected ${length}`)
  return data
}

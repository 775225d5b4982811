import { crc32 } from 'node:zlib'
import { ModelError } from './model-error.ts'

/** Contents of a layer. A string is stored as UTF-8. */
export type LayerData =
  | Float64Array
  | Float32Array
  | Float16Array
  | Uint32Array
  | Int32Array
  | Uint8Array
  | string

export interface Layer {
  readonly data: LayerData
  /** Row-major; product = number of elements. Left out: one dimension. */
  readonly shape?: readonly number[]
}

/** A model file in memory: what made it (`kind`, `version` of that kind's layout) and its named layers. */
export interface Model {
  readonly kind: string
  readonly version: number
  readonly layers: ReadonlyMap<string, Layer>
}

const magic = 0x4d464441 // 'ADFM', little-endian
const formatVersion = 1
const headerBytes = 24
const checkedFrom = 16
const maxLayers = 1024
const maxRank = 4
const types = { f64: 0, f32: 1, u32: 2, i32: 3, u8: 4, text: 5, f16: 6 } as const
const elementBytes = [8, 4, 4, 4, 1, 1, 2] as const

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const padded = (length: number, to: number): number => Math.ceil(length / to) * to

/** Names are few and written often; at most so many are kept. */
const MOST_NAMES = 4096
const names = new Map<string, Uint8Array>()

function encoded(name: string): Uint8Array {
  let bytes = names.get(name)
  if (bytes === undefined) {
    if (names.size >= MOST_NAMES) names.clear()
    bytes = utf8.encode(name)
    names.set(name, bytes)
  }
  return bytes
}

function typeOf(data: LayerData): number {
  if (typeof data === 'string') return types.text
  if (data instanceof Float64Array) return types.f64
  if (data instanceof Float32Array) return types.f32
  if (data instanceof Float16Array) return types.f16
  if (data instanceof Uint32Array) return types.u32
  if (data instanceof Int32Array) return types.i32
  return types.u8
}

const rawBytes = (data: LayerData): Uint8Array =>
  typeof data === 'string' ? utf8.encode(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/**
 * Writes a model file; docs/formats/model.md describes it byte by byte. Numbers are little-endian, as is every platform
 * that Node 24 is released for but s390x and AIX, which are not supported.
 */
export function encodeModel(model: Model): Uint8Array {
  const kind = utf8.encode(model.kind)
  const layers = [...model.layers].map(([name, layer]) => {
    const bytes = rawBytes(layer.data)
    const type = typeOf(layer.data)
    const shape = layer.shape ?? [bytes.length / elementBytes[type]!]
    const elements = shape.reduce((a, b) => a * b, 1)
    if (elements * elementBytes[type]! !== bytes.length)
      throw new RangeError(`layer ${name}: shape ${shape.join('x')} does not fit its data`)
    return { name: encoded(name), type, shape, bytes }
  })
  let offset = headerBytes + padded(kind.length, 4)
  for (const layer of layers) offset += 8 + 4 * layer.shape.length + padded(layer.name.length, 4)
  const places = layers.map((layer) => {
    const place = padded(offset, 8)
    offset = place + layer.bytes.length
    return place
  })

  const out = new Uint8Array(offset)
  const view = new DataView(out.buffer)
  view.setUint32(0, magic, true)
  view.setUint16(4, formatVersion, true)
  view.setUint16(6, layers.length, true)
  view.setUint32(8, offset, true)
  view.setUint16(16, model.version, true)
  view.setUint16(18, kind.length, true)
  out.set(kind, headerBytes)
  let at = headerBytes + padded(kind.length, 4)
  for (const [index, layer] of layers.entries()) {
    view.setUint8(at, layer.type)
    view.setUint8(at + 1, layer.shape.length)
    view.setUint16(at + 2, layer.name.length, true)
    view.setUint32(at + 4, places[index]!, true)
    for (const [axis, length] of layer.shape.entries()) view.setUint32(at + 8 + 4 * axis, length, true)
    out.set(layer.name, at + 8 + 4 * layer.shape.length)
    at += 8 + 4 * layer.shape.length + padded(layer.name.length, 4)
    out.set(layer.bytes, places[index]!)
  }
  view.setUint32(12, crc32(out.subarray(checkedFrom)), true)
  return out
}

/**
 * Reads a model file; its layers are copies.
 * @throws ModelError when the bytes are not exactly one sound model file of a known version.
 */
export function decodeModel(bytes: Uint8Array): Model {
  if (bytes.length < 4) throw new ModelError('not_a_model', `${bytes.length} bytes are too few for a model`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic) throw new ModelError('not_a_model', 'no ADFM magic at byte 0')
  if (bytes.length < headerBytes)
    throw new ModelError('truncated', `header of ${headerBytes} bytes, got ${bytes.length}`)
  const version = view.getUint16(4, true)
  if (version !== formatVersion)
    throw new ModelError('unsupported_version', `format version ${version}, this ADF reads ${formatVersion}`)
  const length = view.getUint32(8, true)
  if (length !== bytes.length)
    throw new ModelError('truncated', `header says ${length} bytes, got ${bytes.length}`)
  if (view.getUint32(12, true) !== crc32(bytes.subarray(checkedFrom)))
    throw new ModelError('corrupt', 'checksum does not match')
  return readTable(bytes, view)
}

function readTable(bytes: Uint8Array, view: DataView): Model {
  const count = view.getUint16(6, true)
  const kindLength = view.getUint16(18, true)
  const layers = new Map<string, Layer>()
  try {
    if (count > maxLayers) throw new RangeError(`${count} layers`)
    const kind = strictUtf8.decode(slice(bytes, headerBytes, kindLength))
    let at = headerBytes + padded(kindLength, 4)
    for (let i = 0; i < count; i++) {
      const type = view.getUint8(at)
      const rank = view.getUint8(at + 1)
      const nameLength = view.getUint16(at + 2, true)
      const place = view.getUint32(at + 4, true)
      const size = elementBytes[type]
      if (size === undefined || rank > maxRank) throw new RangeError(`layer ${i}: type ${type}, rank ${rank}`)
      const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(at + 8 + 4 * axis, true))
      const name = strictUtf8.decode(slice(bytes, at + 8 + 4 * rank, nameLength))
      const content = slice(bytes, place, shape.reduce((a, b) => a * b, 1) * size)
      layers.set(name, { data: typed(type, content), shape })
      at += 8 + 4 * rank + padded(nameLength, 4)
    }
    return { kind, version: view.getUint16(16, true), layers }
  } catch (error) {
    throw new ModelError('corrupt', `layer table: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function slice(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new RangeError(`bytes ${start}+${length} of ${bytes.length}`)
  // Not bytes.slice(): a database gives a Buffer, whose slice is a view into the whole.
  return new Uint8Array(bytes.subarray(start, start + length))
}

function typed(type: number, content: Uint8Array): LayerData {
  const buffer = content.buffer
  if (type === types.f64) return new Float64Array(buffer)
  if (type === types.f32) return new Float32Array(buffer)
  if (type === types.f16) return new Float16Array(buffer)
  if (type === types.u32) return new Uint32Array(buffer)
  if (type === types.i32) return new Int32Array(buffer)
  return type === types.u8 ? content : strictUtf8.decode(content)
}

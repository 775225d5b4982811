import { crc32 } from 'node:zlib'
import {
  BLOCK,
  dequantise,
  LARGEST_STEP,
  LARGEST_VALUE,
  type Quantised,
  quantise,
  scalesOf,
} from './quantiser.ts'
import { RangeDecoder } from './range-decoder.ts'
import { RangeEncoder } from './range-encoder.ts'
import { readSymbols, writeSymbols } from './symbols.ts'
import { UpdateError } from './update-error.ts'

const MAGIC = 0x55464441 // 'ADFU', little-endian
const VERSION = 1
const HEADER_BYTES = 16
const CHECKED_FROM = 12
const DENSE = 0
const QUANTISED = 1
/** The step is kept in sixteenths. */
const STEPS = 16
/** More parameters than any network of `weightLayers` is allowed a use for, and 256 MiB when they are dense. */
const MOST_VALUES = 2 ** 26

export interface CompressedUpdate {
  readonly bytes: Uint8Array
  /** What the other end reads out of them, bit for bit. */
  readonly values: Float32Array
}

/**
 * Writes values in few bits each (docs/formats/update.md describes them byte by byte): 1.2 at a step of 2, 2.1 at 1.
 *
 * @param step in root mean squares of a block, in sixteenths: above 0, below 16
 * @throws UpdateError `out_of_range` for values that are not finite or beyond `LARGEST_VALUE`; RangeError for another step
 */
export function compressUpdate(values: Float32Array, step: number): CompressedUpdate {
  const sixteenths = Math.round(step * STEPS)
  if (!(sixteenths >= 1 && sixteenths <= LARGEST_STEP * STEPS)) throw new RangeError(`step ${step}`)
  const quantised = quantise(values, sixteenths / STEPS)
  const encoder = new RangeEncoder(values.length >> 2)
  writeSymbols(quantised.symbols, encoder)
  const symbols = encoder.finish()
  const scaleBytes = 2 * quantised.scales.length
  const bytes = framed(QUANTISED, sixteenths, values.length, scaleBytes + symbols.length)
  const view = new DataView(bytes.buffer)
  for (const [block, scale] of quantised.scales.entries())
    view.setUint16(HEADER_BYTES + 2 * block, scale, true)
  bytes.set(symbols, HEADER_BYTES + scaleBytes)
  return { bytes: sealed(bytes), values: valuesOf(quantised) }
}

/** Writes values as they are: to whom holds no version that a delta could begin with. @throws UpdateError `out_of_range` */
export function encodeDense(values: Float32Array): Uint8Array {
  checkRange(values)
  const bytes = framed(DENSE, 0, values.length, 4 * values.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(HEADER_BYTES + 4 * i, values[i]!, true)
  return sealed(bytes)
}

/** An update as it was sent. A value of a quantised one is its symbol times the scale of its block of `SCALE_BLOCK` values. */
export type UpdateContent =
  | { readonly kind: 'dense'; readonly values: Float32Array }
  | { readonly kind: 'quantised'; readonly symbols: Int8Array; readonly scales: Float32Array }

/** Values that share a scale. */
export const SCALE_BLOCK = BLOCK

/**
 * Reads what either of them wrote. Takes no more memory than `count` values and as many symbols, whatever the bytes say.
 *
 * @param count parameters of the model that it must belong to
 * @throws UpdateError when the bytes are not exactly one sound update of so many values
 */
export function decodeUpdate(bytes: Uint8Array, count: number): Float32Array {
  const content = readUpdate(bytes, count)
  return content.kind === 'dense' ? content.values : dequantise(content)
}

/** As `decodeUpdate`, but symbols are left as they are, for who keeps many updates: they need four bits a value. */
export function readUpdate(bytes: Uint8Array, count: number): UpdateContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4 || view.getUint32(0, true) !== MAGIC)
    throw new UpdateError('not_an_update', 'no ADFU magic at byte 0')
  if (bytes.length < HEADER_BYTES)
    throw new UpdateError('truncated', `header of ${HEADER_BYTES} bytes, got ${bytes.length}`)
  const kind = view.getUint8(5)
  if (view.getUint8(4) !== VERSION || (kind !== DENSE && kind !== QUANTISED))
    throw new UpdateError('unsupported_version', `version ${view.getUint8(4)}, kind ${kind}`)
  const own = view.getUint32(8, true)
  if (own !== count) throw new UpdateError('wrong_length', `${own} values, the model has ${count}`)
  if (count > MOST_VALUES)
    throw new UpdateError('wrong_length', `${count} values are more than ${MOST_VALUES}`)
  // The length is looked at before the checksum: a body that is far too long is not worth reading.
  const scaleBytes = kind === DENSE ? 0 : 2 * Math.ceil(count / BLOCK)
  const least = HEADER_BYTES + (kind === DENSE ? 4 * count : scaleBytes + 4)
  const most = kind === DENSE ? least : least + 2 * count
  if (bytes.length < least || bytes.length > most)
    throw new UpdateError('truncated', `${bytes.length} bytes are not from ${least} to ${most}`)
  if (view.getUint32(CHECKED_FROM, true) !== checksum(bytes))
    throw new UpdateError('corrupt', 'checksum does not match')
  return kind === DENSE ? readDense(view, count) : readQuantised(bytes, view, count, scaleBytes)
}

function readDense(view: DataView, count: number): UpdateContent {
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = view.getFloat32(HEADER_BYTES + 4 * i, true)
  checkRange(values)
  return { kind: 'dense', values }
}

function readQuantised(bytes: Uint8Array, view: DataView, count: number, scaleBytes: number): UpdateContent {
  const upper = Uint16Array.from({ length: scaleBytes / 2 }, (_, block) =>
    view.getUint16(HEADER_BYTES + 2 * block, true),
  )
  const scales = scalesOf(upper)
  const decoder = new RangeDecoder(bytes.subarray(HEADER_BYTES + scaleBytes))
  const symbols = readSymbols(count, decoder)
  if (!decoder.atEnd) throw new UpdateError('truncated', 'bytes are left over after the last symbol')
  return { kind: 'quantised', symbols, scales }
}

const valuesOf = ({ symbols, scales }: Quantised): Float32Array =>
  dequantise({ symbols, scales: scalesOf(scales) })

function framed(kind: number, step: number, count: number, body: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + body)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint8(4, VERSION)
  view.setUint8(5, kind)
  view.setUint8(6, step)
  view.setUint32(8, count, true)
  return bytes
}

function sealed(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  new DataView(bytes.buffer).setUint32(CHECKED_FROM, checksum(bytes), true)
  return bytes
}

/** Of all bytes but its own four. */
const checksum = (bytes: Uint8Array): number =>
  crc32(bytes.subarray(HEADER_BYTES), crc32(bytes.subarray(0, CHECKED_FROM)))

function checkRange(values: Float32Array): void {
  for (let i = 0; i < values.length; i++)
    if (!(Math.abs(values[i]!) <= LARGEST_VALUE))
      throw new UpdateError('out_of_range', `value ${i} is ${values[i]}`)
}

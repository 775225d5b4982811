import type { ReverseWriter } from '../../telemetry/protobuf/writer.ts'
import type { Scalar } from './schema.ts'

/** A JSON document that is no OTLP request. The message names the place, such as `resourceSpans[0].resource`. */
export class JsonError extends Error {
  override readonly name = 'JsonError'

  constructor(problem: string, path: readonly (string | number)[], value: unknown) {
    const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
    const got = value === undefined ? '' : `, got ${shown(value)}`
    super(`${place === '' ? 'document' : place.replace(/^\./, '')}: ${problem}${got}`)
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value).slice(0, 80)
}

type Path = readonly (string | number)[]
type Write = (writer: ReverseWriter, value: unknown, path: Path) => void

const INT32: Range = [-(2n ** 31n), 2n ** 31n - 1n]
const UINT32: Range = [0n, 2n ** 32n - 1n]
const INT64: Range = [-(2n ** 63n), 2n ** 63n - 1n]
const UINT64: Range = [0n, 2n ** 64n - 1n]

/** How a value of each scalar type is written; each throws JsonError for a value of another type. */
export const SCALARS: Readonly<Record<Scalar, Write>> = {
  string: (writer, value, path) => writer.text(string(value, path)),
  hex: (writer, value, path) => writer.raw(hex(value, path)),
  base64: (writer, value, path) => writer.raw(base64(value, path)),
  bool: (writer, value, path) => writer.varint(boolean(value, path)),
  enum: (writer, value, path) => {
    if (typeof value !== 'number') throw new JsonError('expected the integer of the enum', path, value)
    writer.varint64(integer(value, path, INT32))
  },
  uint32: (writer, value, path) => writer.varint(Number(integer(value, path, UINT32))),
  fixed32: (writer, value, path) => writer.fixed32(Number(integer(value, path, UINT32))),
  sint32: (writer, value, path) => {
    const signed = Number(integer(value, path, INT32))
    writer.varint(((signed << 1) ^ (signed >> 31)) >>> 0)
  },
  double: (writer, value, path) => writer.double(double(value, path)),
  int64: (writer, value, path) => writer.varint64(integer(value, path, INT64)),
  uint64: (writer, value, path) => writer.varint64(integer(value, path, UINT64)),
  sfixed64: (writer, value, path) => writer.fixed64(integer(value, path, INT64)),
  fixed64: (writer, value, path) => writer.fixed64(integer(value, path, UINT64)),
}

type Range = readonly [low: bigint, high: bigint]

function string(value: unknown, path: Path): string {
  if (typeof value !== 'string') throw new JsonError('expected a string', path, value)
  return value
}

function boolean(value: unknown, path: Path): number {
  if (typeof value !== 'boolean') throw new JsonError('expected true or false', path, value)
  return value ? 1 : 0
}

function integer(value: unknown, path: Path, [low, high]: Range): bigint {
  if (!isWhole(value)) throw new JsonError('expected an integer, as number or string', path, value)
  const parsed = BigInt(value)
  if (parsed < low || parsed > high) throw new JsonError(`expected ${low} to ${high}`, path, value)
  return parsed
}

function isWhole(value: unknown): value is number | string {
  if (typeof value === 'number') return Number.isInteger(value)
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value)
}

function double(value: unknown, path: Path): number {
  if (typeof value === 'number') return value
  if (value === 'NaN') return Number.NaN
  if (value === 'Infinity') return Number.POSITIVE_INFINITY
  if (value === '-Infinity') return Number.NEGATIVE_INFINITY
  const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (Number.isNaN(parsed)) throw new JsonError('expected a number', path, value)
  return parsed
}

function hex(value: unknown, path: Path): Uint8Array {
  if (typeof value !== 'string' || value.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(value)) {
    throw new JsonError('expected an id in hex digits', path, value)
  }
  return Buffer.from(value, 'hex')
}

/** Standard or URL-safe alphabet, padded or not. */
function base64(value: unknown, path: Path): Uint8Array {
  if (typeof value !== 'string' || !/^[0-9a-z+/_-]*={0,2}$/i.test(value)) {
    throw new JsonError('expected base64', path, value)
  }
  return Buffer.from(value, 'base64')
}

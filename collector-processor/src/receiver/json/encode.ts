import { ReverseWriter } from '../../telemetry/protobuf/writer.ts'
import type { Signal } from '../../telemetry/signal.ts'
import { JsonError, SCALARS } from './scalar.ts'
import { type Field, isScalar, type MessageName, SCHEMA, type Scalar } from './schema.ts'

const REQUEST: Readonly<Record<Signal, MessageName>> = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest',
}
/** Deepest nesting of messages: the schema itself needs nine, values within values the rest. */
const MAX_DEPTH = 100

/**
 * Protobuf of an OTLP/JSON request, as JSON.parse gave it: ids in hex of either case, enums as integers, names in
 * lowerCamelCase, 64-bit integers as string or number; fields not in the schema are ignored. Throws JsonError, which names
 * the path in the document.
 */
export function encodeJsonRequest(signal: Signal, json: unknown): Uint8Array {
  const writer = new ReverseWriter()
  writeMessage(writer, REQUEST[signal], json, [])
  return writer.finish()
}

type Path = (string | number)[]

function writeMessage(writer: ReverseWriter, message: string, value: unknown, path: Path): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new JsonError('expected an object', path, value)
  }
  if (path.length > MAX_DEPTH) throw new JsonError(`nested deeper than ${MAX_DEPTH}`, [], undefined)
  const given = new Map<string, unknown>(Object.entries(value))
  for (const field of SCHEMA.get(message) ?? []) {
    const content = given.get(field.name)
    if (content === undefined || content === null) continue
    path.push(field.name)
    if (field.repeated) writeRepeated(writer, field, content, path)
    else writeField(writer, field, content, path)
    path.pop()
  }
}

function writeRepeated(writer: ReverseWriter, field: Field, content: unknown, path: Path): void {
  if (!Array.isArray(content)) throw new JsonError('expected an array', path, content)
  const packed = PACKED.has(field.type)
  const before = writer.length
  for (let i = content.length - 1; i >= 0; i--) {
    path.push(i)
    if (packed) writeValue(writer, field.type, content[i], path)
    else writeField(writer, field, content[i], path)
    path.pop()
  }
  if (packed && content.length > 0) {
    writer.varint(writer.length - before)
    writer.tag(field.number, 2)
  }
}

const PACKED: ReadonlySet<string> = new Set(['fixed64', 'uint64', 'double'])

function writeField(writer: ReverseWriter, field: Field, content: unknown, path: Path): void {
  const wireType = WIRE_TYPES.get(field.type) ?? 2
  const before = writer.length
  writeValue(writer, field.type, content, path)
  if (wireType === 2) writer.varint(writer.length - before)
  writer.tag(field.number, wireType)
}

const WIRE_TYPES: ReadonlyMap<string, number> = new Map<Scalar, number>([
  ['bool', 0],
  ['enum', 0],
  ['uint32', 0],
  ['sint32', 0],
  ['int64', 0],
  ['uint64', 0],
  ['fixed64', 1],
  ['sfixed64', 1],
  ['double', 1],
  ['fixed32', 5],
])

function writeValue(writer: ReverseWriter, type: Field['type'], content: unknown, path: Path): void {
  if (isScalar(type)) SCALARS[type](writer, content, path)
  else writeMessage(writer, type, content, path)
}

import { ReverseWriter } from '../telemetry/protobuf/writer.ts'
import type { Signal } from '../telemetry/signal.ts'
import type { Rejections } from './wire/rejections.ts'

const REJECTED: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
}
const EMPTY = new Uint8Array(0)

/** The three Export…ServiceResponse messages are alike on the wire; on full success they are empty. */
export function encodeResponse(rejections: Rejections): Uint8Array {
  if (rejections.total === 0) return EMPTY
  const writer = new ReverseWriter()
  const message = rejections.message()
  writer.text(message)
  writer.varint(Buffer.byteLength(message))
  writer.tag(2, 2)
  writer.varint(rejections.total)
  writer.tag(1, 0)
  writer.varint(writer.length)
  writer.tag(1, 2)
  return writer.finish()
}

export function jsonResponse(signal: Signal, rejections: Rejections): string {
  if (rejections.total === 0) return '{}'
  return JSON.stringify({
    partialSuccess: { [REJECTED[signal]]: String(rejections.total), errorMessage: rejections.message() },
  })
}

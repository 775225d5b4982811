import type { IncomingHttpHeaders } from 'node:http2'
import { GRPC_CODES } from '../telemetry/grpc-codes.ts'
import { retryDelayMs } from './forward-retry-info.ts'
import { SendError } from './forward-sender.ts'

export const OK = 0
const UNKNOWN = 2
const RESOURCE_EXHAUSTED = 8
export const UNAVAILABLE = 14
/** Retryable by the OTLP specification: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, UNAVAILABLE, 15])

/** Code for an answer without grpc-status, which comes from a proxy (gRPC, "HTTP to gRPC status code mapping"). */
const OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, UNAVAILABLE],
  [502, UNAVAILABLE],
  [503, UNAVAILABLE],
  [504, UNAVAILABLE],
])

export const httpToGrpc = (status: number) => OF_HTTP.get(status) ?? UNKNOWN

/** RESOURCE_EXHAUSTED may be retried only where RetryInfo says when. `http` is 0 when no answer came. */
export function sendError(code: number, headers: IncomingHttpHeaders, http: number): SendError {
  const details = headers['grpc-status-details-bin']
  const retryAfterMs = typeof details === 'string' ? retryDelayMs(Buffer.from(details, 'base64')) : 0
  const retryable = RETRYABLE.has(code) || (code === RESOURCE_EXHAUSTED && retryAfterMs > 0)
  const reason =
    http === 0
      ? 'the connection ended without an answer'
      : headers['grpc-status'] === undefined
        ? `HTTP ${http}`
        : decode(headers['grpc-message'])
  return new SendError(`${GRPC_CODES[code] ?? code}: ${reason}`, { retryable, retryAfterMs })
}

/** grpc-message is percent-encoded; one that is not is shown as it came. */
function decode(message: string | readonly string[] | undefined): string {
  const text = String(message ?? '')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import type { Signal } from './signal.ts'

/** A request as it came in. `protobuf` is exactly those bytes, or the encoding of `json`, the document as it came. */
export interface ForwardRequest {
  readonly signal: Signal
  readonly protobuf: Uint8Array
  readonly json?: Uint8Array | undefined
}

/** Takes a copy of all telemetry to send on. Never refuses: what finds no room is dropped and counted there. */
export interface TelemetryForward {
  /** False when nobody wants a copy: the bytes of requests may then be reused. Left out = true. */
  readonly wanted?: boolean
  forward(request: ForwardRequest): void
}

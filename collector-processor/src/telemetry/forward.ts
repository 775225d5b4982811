import type { Signal } from './signal.ts'

/** A request as it came in. `protobuf` is exactly those bytes, or the encoding of `json`, the document as it came. */
export interface ForwardRequest {
  readonly signal: Signal
  readonly protobuf: Uint8Array
  readonly json?: Uint8Array | undefined
}

/** Takes a copy of all telemetry to send on. Never refuses: what finds no room is dropped and counted there. */
export interface TelemetryForward {
  forward(request: ForwardRequest): void
}

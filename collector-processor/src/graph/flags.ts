import * as telemetry from '../telemetry/batch.ts'

// see pending.ts: compiled in, not read from the import each time
const { SpanKind } = telemetry

/** What the lower half of `Field.flags` tells of a span: its kind, and the bits below. */
export const KIND = 7
export const FAILED = 8
export const FAILED_CHILD = 16
/** Known by a child only: its own span has not come. */
export const PLACEHOLDER = 32
/** Stands for a span link from a consumer; not a child. */
export const LINK = 64
/** A client span that met its server. */
export const PAIRED = 128
/** A client span whose server may be told without its span, by `Field.address` and `Field.peerName`. */
export const WAITING = 256
/** A client span counted among the open ones of its node. */
export const OPEN = 512
/** Failed and counted on `Field.edge` as unanswered, until its server says otherwise. */
export const UNANSWERED = 1024
/** Counted as the place where an error began. */
export const ORIGIN = 2048

// as above: the exported ones would be read anew at each use
const [failed, failedChild, kindBits, placeholder] = [FAILED, FAILED_CHILD, KIND, PLACEHOLDER]

/** Whether the span around this one learns of a failure from it: its own, or one that passed through it. */
export function tellsFailure(flags: number): boolean {
  if ((flags & failed) !== 0) return true
  const kind = flags & kindBits
  const within = kind === SpanKind.internal || kind === SpanKind.unspecified
  return within && (flags & (failedChild | placeholder)) === failedChild
}

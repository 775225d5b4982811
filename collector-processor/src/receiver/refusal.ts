import { ReverseWriter } from '../telemetry/protobuf/writer.ts'

/** Why a whole request was refused; a metric label, so the list is closed. */
export type RefusalKind = keyof typeof KINDS

/** HTTP status and gRPC code by the OTLP specification 1.11. Only `overloaded` and, over gRPC, `timeout` may be retried. */
const KINDS = {
  malformed: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  forbidden: { http: 403, grpc: 7 },
  not_found: { http: 404, grpc: 12 },
  method_not_allowed: { http: 405, grpc: 12 },
  timeout: { http: 408, grpc: 4 },
  too_large: { http: 413, grpc: 8 },
  unsupported: { http: 415, grpc: 12 },
  internal: { http: 500, grpc: 13 },
  overloaded: { http: 503, grpc: 14 },
} as const satisfies Record<string, { http: number; grpc: number }>

/** A request of which nothing was taken. The message is for the sender. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: RefusalKind
  /** Seconds after which to try again; 0 = do not. */
  readonly retryAfter: number

  constructor(kind: RefusalKind, message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.retryAfter = options.retryAfter ?? 0
  }

  get httpStatus(): number {
    return KINDS[this.kind].http
  }

  get grpcCode(): number {
    return KINDS[this.kind].grpc
  }

  /** google.rpc.Status, with RetryInfo when the request may be sent again. */
  status(): Uint8Array {
    const writer = new ReverseWriter()
    if (this.retryAfter > 0) {
      embed(writer, 3, () => {
        embed(writer, 2, () =>
          embed(writer, 1, () => {
            writer.varint(this.retryAfter)
            writer.tag(1, 0)
          }),
        )
        embed(writer, 1, () => writer.text('type.googleapis.com/google.rpc.RetryInfo'))
      })
    }
    embed(writer, 2, () => writer.text(this.message))
    writer.varint(this.grpcCode)
    writer.tag(1, 0)
    return writer.finish()
  }
}

/** What another part threw, as a refusal; nothing of an unexpected error is told to the sender. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  return new Refusal('internal', 'the request failed inside ADF; its log has the details', { cause: error })
}

function embed(writer: ReverseWriter, field: number, write: () => void): void {
  const before = writer.length
  write()
  writer.varint(writer.length - before)
  writer.tag(field, 2)
}

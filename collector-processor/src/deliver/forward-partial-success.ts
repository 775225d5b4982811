import { z } from 'zod'
import { Cursor, DecodeError } from '../telemetry/protobuf/cursor.ts'

/** An answer that is longer is not read: it counts as one that says nothing. */
export const LONGEST_ANSWER = 64 * 1024
const SHOWN = 200

/** What an endpoint says of a request that it took: OTLP's partial success. */
export interface PartialSuccess {
  /** Spans, data points or log records that it left out; 0 when it only warns. */
  readonly rejected: number
  readonly message: string
}

const Count = z.union([z.number(), z.string()]).optional()
const Json = z.object({
  partialSuccess: z
    .object({
      rejectedSpans: Count,
      rejectedDataPoints: Count,
      rejectedLogRecords: Count,
      errorMessage: z.string().optional(),
    })
    .nullish(),
})

/** Undefined when all was taken, and when the answer is no Export…ServiceResponse: the request was taken all the same. */
export function partialOf(answer: Uint8Array, json: boolean): PartialSuccess | undefined {
  const { rejected, message } = (json ? fromJson(answer) : fromProtobuf(answer)) ?? {
    rejected: 0,
    message: '',
  }
  const count = Number.isFinite(rejected) && rejected > 0 ? Math.trunc(rejected) : 0
  const text = printable(message)
  return count === 0 && text === '' ? undefined : { rejected: count, message: text }
}

/** Text of an endpoint, fit for a log line. */
export const printable = (text: string) =>
  text
    .replace(/[^ -~]+/g, ' ')
    .trim()
    .slice(0, SHOWN)

function fromJson(answer: Uint8Array): PartialSuccess | undefined {
  try {
    const { partialSuccess } = Json.parse(JSON.parse(Buffer.from(answer).toString()))
    if (partialSuccess == null) return undefined
    const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage = '' } = partialSuccess
    return {
      rejected: Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0),
      message: errorMessage,
    }
  } catch {
    return undefined
  }
}

/** The three messages are alike: 1 = partial success {1: rejected, 2: message}. */
function fromProtobuf(answer: Uint8Array): PartialSuccess | undefined {
  let rejected = 0
  let message = ''
  try {
    const cursor = new Cursor(answer)
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag !== 0x0a) {
        cursor.skip(tag, 0)
        continue
      }
      const outer = cursor.enter()
      while (cursor.pos < cursor.end) {
        const inner = cursor.tag()
        if (inner === 0x08) rejected = cursor.signedVarint()
        else if (inner === 0x12) {
          const length = cursor.length()
          message = Buffer.from(cursor.bytes.subarray(cursor.pos, cursor.pos + length)).toString()
          cursor.pos += length
        } else cursor.skip(inner, 0)
      }
      cursor.leave(outer)
    }
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
  return { rejected, message }
}

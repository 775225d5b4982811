import { Cursor, DecodeError } from '../telemetry/protobuf/cursor.ts'

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** The delay of RetryInfo in the details of a google.rpc.Status, in milliseconds; 0 when there is none. */
export function retryDelayMs(status: Uint8Array): number {
  try {
    let delay = 0
    const cursor = new Cursor(status)
    while (cursor.pos < cursor.end) {
      const tag = cursor.tag()
      if (tag !== 0x1a) cursor.skip(tag, 0)
      else {
        const outer = cursor.enter()
        delay = Math.max(delay, anyDelay(cursor))
        cursor.leave(outer)
      }
    }
    return delay
  } catch (error) {
    if (error instanceof DecodeError) return 0
    throw error
  }
}

function anyDelay(cursor: Cursor): number {
  let type = ''
  let delay = 0
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === 0x0a) {
      const length = cursor.length()
      type = Buffer.from(cursor.bytes.subarray(cursor.pos, cursor.pos + length)).toString()
      cursor.pos += length
    } else if (tag === 0x12) {
      const outer = cursor.enter()
      delay = duration(cursor)
      cursor.leave(outer)
    } else cursor.skip(tag, 0)
  }
  return type === RETRY_INFO ? delay : 0
}

/** RetryInfo: 1 = Duration {1: seconds, 2: nanos}. */
function duration(cursor: Cursor): number {
  let delay = 0
  while (cursor.pos < cursor.end) {
    const tag = cursor.tag()
    if (tag === 0x0a) {
      const outer = cursor.enter()
      delay += duration(cursor)
      cursor.leave(outer)
    } else if (tag === 0x08) delay += cursor.varint() * 1000
    else if (tag === 0x10) delay += cursor.varint() / 1e6
    else cursor.skip(tag, 0)
  }
  return delay
}

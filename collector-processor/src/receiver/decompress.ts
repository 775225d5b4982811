import { createGunzip, gunzipSync } from 'node:zlib'
import type { Hold } from './admission.ts'
import { Refusal } from './refusal.ts'

/** Smaller bodies are inflated at once: handing them to a thread costs more than it saves. */
const AT_ONCE = 256 * 1024
/** What comes of them may not be larger than this, or it is handed to a thread all the same: nothing else goes on meanwhile. */
const MOST_AT_ONCE = 4 * 2 ** 20
const LEAST_ROOM = 16 * 1024
/** Deflate makes no more of a byte (zlib.net, "Maximum Compression Factor"). */
const MOST_OF_A_BYTE = 1032
const PIECE = 256 * 1024

/**
 * Inflates gzip, stopping at `maxSize`: a bomb costs no more than an honest request. What comes out takes its room in `hold`, piece by piece where it
 * is much, so that many at once get no more than all requests may have. Throws Refusal, or rejects with one.
 */
export function inflate(body: Buffer, maxSize: number, hold: Hold): Buffer | Promise<Buffer[]> {
  const told = toldSize(body)
  const limit = Math.min(maxSize, MOST_AT_ONCE)
  const later = () => inPieces(Buffer.from(body), maxSize, hold)
  if (body.length > AT_ONCE || (told > limit && maxSize > limit)) return later()
  try {
    const room = Math.max(LEAST_ROOM, Math.min(told, limit) + 1)
    const inflated = gunzipSync(body, { maxOutputLength: Math.max(1, limit), chunkSize: room })
    hold.add(inflated.buffer.byteLength)
    return inflated
  } catch (error) {
    if (error instanceof Refusal) throw error
    if (!(error instanceof RangeError)) throw notGzip(error)
    if (maxSize > limit) return later()
    throw tooLarge(maxSize)
  }
}

/** gzip tells its size at its end (RFC 1952, section 2.3.1): with room for it nothing has to be put together afterwards. Nobody is believed who tells more than there can be. */
function toldSize(body: Buffer): number {
  if (body.length < 4) return 0
  return Math.min(body.readUInt32LE(body.length - 4), body.length * MOST_OF_A_BYTE)
}

/** On another thread; `body` must stay as it is. Rejects with a Refusal. */
function inPieces(body: Buffer, maxSize: number, hold: Hold): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    // The room for the first piece is taken before anything comes out of it, and `body` was copied: many small bodies that wait for a thread count too.
    hold.add(PIECE + body.length)
    const gunzip = createGunzip({ chunkSize: PIECE })
    const pieces: Buffer[] = []
    let size = 0
    gunzip.on('data', (piece: Buffer) => {
      size += piece.length
      try {
        if (size > maxSize) throw tooLarge(maxSize)
        hold.add(piece.length)
        pieces.push(piece)
      } catch (error) {
        pieces.length = 0
        gunzip.destroy()
        reject(error)
      }
    })
    gunzip.once('end', () => resolve(pieces))
    gunzip.once('error', (error) => reject(notGzip(error)))
    gunzip.end(body)
  })
}

const tooLarge = (maxSize: number) =>
  new Refusal('too_large', `the request is over the limit of ${maxSize} bytes after decompression`)

const notGzip = (cause: unknown) => new Refusal('malformed', 'the body is not gzip as it says', { cause })

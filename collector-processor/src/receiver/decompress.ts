import { createGunzip, gunzipSync } from 'node:zlib'
import type { Hold } from './admission.ts'
import { Refusal } from './refusal.ts'

/** Smaller bodies are inflated at once: handing them to a thread costs more than it saves. */
const AT_ONCE = 256 * 1024
const PIECE = 256 * 1024

/**
 * Inflates gzip, stopping at `maxSize`: a bomb costs no more than an honest request. Every piece takes its room in `hold`
 * as it comes, so that many at once get no more than all requests may have. Throws Refusal.
 */
export async function inflate(body: Uint8Array, maxSize: number, hold: Hold): Promise<Buffer[]> {
  if (body.length > AT_ONCE) return inPieces(body, maxSize, hold)
  try {
    const inflated = gunzipSync(body, { maxOutputLength: Math.max(1, maxSize) })
    hold.add(inflated.length)
    return [inflated]
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw error instanceof RangeError ? tooLarge(maxSize) : notGzip(error)
  }
}

function inPieces(body: Uint8Array, maxSize: number, hold: Hold): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
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

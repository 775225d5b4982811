import type { IncomingMessage } from 'node:http'
import type { Hold } from '../admission.ts'
import { Body } from '../body.ts'
import { inflate } from '../decompress.ts'
import { Refusal } from '../refusal.ts'

/**
 * Reads the body of a request, inflated if it is gzip: at most `maxSize` bytes before and after, all of it charged to `hold`.
 * Rejects with a Refusal; what is still coming then has to be read by the caller, or the client never sees the answer.
 */
export async function readRequest(request: IncomingMessage, maxSize: number, hold: Hold): Promise<Buffer[]> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new Refusal('unsupported', 'content-encoding must be gzip or identity')
  }
  const chunks = await readBody(request, maxSize, hold)
  if (encoding === 'identity') return chunks
  const packed = Buffer.concat(chunks)
  chunks.length = 0
  const inflated = inflate(packed, maxSize, hold)
  return inflated instanceof Promise ? inflated : [inflated]
}

function readBody(request: IncomingMessage, maxSize: number, hold: Hold): Promise<Buffer[]> {
  const tooLarge = () => new Refusal('too_large', `the request is over the limit of ${maxSize} bytes`)
  return new Promise((resolve, reject) => {
    const length = Number(request.headers['content-length'] ?? 0)
    if (length > maxSize) throw tooLarge()
    hold.expect(length)
    const body = new Body(hold)
    request.on('data', (chunk: Buffer) => {
      try {
        if (body.size + chunk.length > maxSize) throw tooLarge()
        body.add(chunk)
      } catch (error) {
        body.clear()
        request.removeAllListeners('data')
        reject(error)
      }
    })
    request.once('end', () => resolve(body.take()))
    request.once('close', () => {
      if (!request.complete) reject(new Refusal('malformed', 'the connection ended before the request'))
    })
  })
}

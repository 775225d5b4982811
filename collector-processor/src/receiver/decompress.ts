import { promisify } from 'node:util'
import { gunzip, gunzipSync } from 'node:zlib'
import { Refusal } from './refusal.ts'

/** Smaller bodies are inflated at once: handing them to a thread costs more than it saves. */
const AT_ONCE = 256 * 1024
const later = promisify(gunzip)

/** Inflates gzip, stopping at `maxSize`: a bomb costs no more than an honest request. Throws Refusal. */
export async function inflate(body: Uint8Array, maxSize: number): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(1, maxSize) }
  try {
    return body.length <= AT_ONCE ? gunzipSync(body, options) : await later(body, options)
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Refusal('too_large', `the request is over the limit of ${maxSize} bytes after decompression`)
    }
    throw new Refusal('malformed', 'the body is not gzip as it says', { cause: error })
  }
}

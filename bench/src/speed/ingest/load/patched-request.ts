import { encodeJsonRequest } from '@adf/processor'

/** Compressed flag and length before a gRPC message. */
const PREFIX = 5

/** Where a pattern of bytes stands in a message. */
type Places = readonly number[]

/**
 * An OTLP request that is encoded once and changed in place before each send, so that a generator is quicker than what it
 * measures: each send has its own ids, times and counts.
 */
export class PatchedRequest {
  /** The message with the prefix that gRPC wants. */
  readonly framed: Buffer
  readonly bytes: Buffer

  /** @param document of an OTLP/JSON request, with patterns where something is changed */
  static of(signal: 'traces' | 'metrics' | 'logs', document: unknown): PatchedRequest {
    return new PatchedRequest(encodeJsonRequest(signal, document))
  }

  private constructor(message: Uint8Array) {
    this.framed = Buffer.concat([Buffer.alloc(PREFIX), message])
    this.framed.writeUInt32BE(message.length, 1)
    this.bytes = this.framed.subarray(PREFIX)
  }

  /** With the same places, and nothing to encode. */
  copy(): PatchedRequest {
    return new PatchedRequest(this.bytes)
  }

  /** Places of the hexadecimal digits `hex` of an id, or of the text itself with `text`. */
  placesOf(pattern: string, encoding: 'hex' | 'latin1'): Places {
    return this.#places(Buffer.from(pattern, encoding))
  }

  /** Places of a 64-bit number. */
  placesOf64(pattern: bigint): Places {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(pattern)
    return this.#places(bytes)
  }

  words(places: Places, value: number): void {
    for (const at of places) this.bytes.writeUInt32BE(value, at)
  }

  texts(places: Places, value: string): void {
    for (const at of places) this.bytes.write(value, at, 'latin1')
  }

  longs(places: Places, low: number, high: number): void {
    const { bytes } = this
    for (const at of places) {
      bytes.writeUInt32LE(low, at)
      bytes.writeUInt32LE(high, at + 4)
    }
  }

  #places(pattern: Buffer): Places {
    const { bytes } = this
    const places: number[] = []
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 4)) places.push(at)
    if (places.length === 0) throw new Error(`the request has no ${pattern.toString('hex')}`)
    return places
  }
}

/** What one connection sends again and again. */
export interface LoadRequest {
  readonly message: PatchedRequest
  /** Makes it another request: `counter` is its own in the run, `instance` those whose telemetry it is; its records are of `nowMs`. */
  next(counter: number, instance: string, nowMs: number): void
}

/** Low and high word of nanoseconds since the epoch. */
export function nanosOf(ms: number): readonly [low: number, high: number] {
  const nanos = BigInt(Math.round(ms * 1000)) * 1000n
  return [Number(nanos & 0xffff_ffffn), Number(nanos >> 32n)]
}

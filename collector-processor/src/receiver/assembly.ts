/** Requests up to this are put together in one buffer that is used again; larger ones are rare and get their own. */
const KEPT = 4 * 2 ** 20

/**
 * Puts the chunks of a request together. Unless `keep` is set the result is valid only until the next call: a fresh buffer for
 * each request costs more in garbage collection than the copying itself. For the same reason the list of chunks is empty afterwards.
 */
export class Assembly {
  private scratch: Buffer = Buffer.alloc(0)
  private readonly keep: boolean

  constructor(keep: boolean) {
    this.keep = keep
  }

  join(chunks: Buffer[]): Buffer {
    const whole = chunks.length === 1 ? chunks[0]! : this.joined(chunks)
    chunks.length = 0
    return whole
  }

  private joined(chunks: readonly Buffer[]): Buffer {
    let size = 0
    for (const chunk of chunks) size += chunk.length
    if (this.keep || size > KEPT) return Buffer.concat(chunks, size)
    if (this.scratch.length < size) this.scratch = Buffer.allocUnsafeSlow(Math.min(KEPT, size * 2))
    let at = 0
    for (const chunk of chunks) {
      this.scratch.set(chunk, at)
      at += chunk.length
    }
    return this.scratch.subarray(0, size)
  }
}

import type { Hold } from './admission.ts'

/** A chunk from here on is kept as it came, unless it is less than a quarter of the read that it was cut from. */
const KEPT = 4096
const PART_KEPT = 1 / 4
const LARGEST_BLOCK = 64 * 1024

/**
 * The bytes of one request as they come. A chunk costs some 200 bytes of memory whatever it holds, and may keep alive the whole
 * read that it was cut from; so small ones are gathered in blocks, and what `hold` is charged is the memory, not the chunks.
 */
export class Body {
  size = 0
  private readonly hold: Hold
  private readonly whole: Buffer[] = []
  private block: Buffer = Buffer.alloc(0)
  /** In the block: where what is not yet in `whole` begins and ends. */
  private start = 0
  private end = 0
  private gathered = 0
  /** Memory of the chunk that was kept last. */
  private read: ArrayBufferLike | undefined

  constructor(hold: Hold) {
    this.hold = hold
  }

  /** Throws an `overloaded` refusal when there is no room. */
  add(chunk: Buffer): void {
    this.size += chunk.length
    const { buffer } = chunk
    // Frames of HTTP/2 lie side by side in one read of 64 KiB, which is charged once.
    const again = buffer === this.read
    if (chunk.length < KEPT || !(again || chunk.length >= buffer.byteLength * PART_KEPT)) {
      this.gather(chunk)
      return
    }
    if (!again) this.hold.add(buffer.byteLength)
    this.read = buffer
    this.endRun()
    this.whole.push(chunk)
  }

  /** What has come so far, in its order. */
  pieces(): readonly Buffer[] {
    this.endRun()
    return this.whole
  }

  /**
   * What has come, which is let go of. Node keeps the listeners of a request, and what they know, until a full garbage collection: bytes left here would
   * bring one every half second.
   */
  take(): Buffer[] {
    this.endRun()
    const pieces = [...this.whole]
    this.clear()
    return pieces
  }

  /** Lets go of what has come. */
  clear(): void {
    this.whole.length = 0
    this.block = Buffer.alloc(0)
    this.start = 0
    this.end = 0
    this.read = undefined
  }

  private gather(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.end === this.block.length) this.nextBlock(chunk.length - at)
      const copied = chunk.copy(this.block, this.end, at)
      this.end += copied
      at += copied
    }
    this.gathered += chunk.length
  }

  /** The first is as large as the first chunk, which mostly is all there is; then they double what there is. */
  private nextBlock(atLeast: number): void {
    const size = Math.max(atLeast, Math.min(LARGEST_BLOCK, this.gathered))
    this.hold.add(size)
    this.endRun()
    this.block = Buffer.allocUnsafeSlow(size)
    this.start = 0
    this.end = 0
  }

  private endRun(): void {
    if (this.end > this.start) this.whole.push(this.block.subarray(this.start, this.end))
    this.start = this.end
  }
}

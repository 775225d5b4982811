const BEGINNING = 4096

/** Writes protobuf from its end to its beginning, so that the length of a message is known when it is to be written. */
export class ReverseWriter {
  private bytes = new Uint8Array(BEGINNING)
  private view = new DataView(this.bytes.buffer)
  private at = BEGINNING
  private readonly encoder = new TextEncoder()

  /** Bytes written so far. */
  get length(): number {
    return this.bytes.length - this.at
  }

  finish(): Uint8Array {
    return this.bytes.slice(this.at)
  }

  tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType)
  }

  /** Unsigned, up to 2^53. */
  varint(value: number): void {
    this.reserve(8)
    let size = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
    this.at -= size
    for (let i = 0; i < size; i++) {
      this.bytes[this.at + i] = (value % 0x80) | (i + 1 < size ? 0x80 : 0)
      value = Math.floor(value / 0x80)
    }
  }

  /** Any 64-bit integer; negative ones take ten bytes. */
  varint64(value: bigint): void {
    const encoded: number[] = []
    let rest = BigInt.asUintN(64, value)
    do {
      encoded.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
      rest >>= 7n
    } while (rest > 0n)
    this.raw(Uint8Array.from(encoded))
  }

  fixed32(value: number): void {
    this.reserve(4)
    this.at -= 4
    this.view.setUint32(this.at, value, true)
  }

  fixed64(value: bigint): void {
    this.reserve(8)
    this.at -= 8
    this.view.setBigUint64(this.at, BigInt.asUintN(64, value), true)
  }

  double(value: number): void {
    this.reserve(8)
    this.at -= 8
    this.view.setFloat64(this.at, value, true)
  }

  text(value: string): void {
    this.raw(this.encoder.encode(value))
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.at -= value.length
    this.bytes.set(value, this.at)
  }

  private reserve(needed: number): void {
    if (this.at >= needed) return
    const used = this.bytes.length - this.at
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, used + needed))
    bytes.set(this.bytes.subarray(this.at), bytes.length - used)
    this.at = bytes.length - used
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }
}

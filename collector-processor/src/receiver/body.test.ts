import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'
import { Body } from './body.ts'

/** Memory behind the pieces, each read or block once. */
const memory = (pieces: readonly Buffer[]) =>
  [...new Set(pieces.map((piece) => piece.buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0)

function body() {
  const admission = new Admission(Number.MAX_SAFE_INTEGER)
  return { admission, body: new Body(admission.open()) }
}

describe('Body', () => {
  it('gathers 200,000 chunks of one byte in a few blocks', () => {
    const { admission, body: bytes } = body()
    for (let i = 0; i < 200_000; i++) bytes.add(Buffer.alloc(1, i))
    const pieces = bytes.pieces()
    expect(pieces.length).toBeLessThan(30)
    expect(Buffer.concat(pieces).equals(Buffer.from(Array.from({ length: 200_000 }, (_, i) => i)))).toBe(true)
    expect(admission.bytesInFlight).toBe(memory(pieces))
    expect(admission.bytesInFlight).toBeLessThan(300_000)
  })

  it('does not keep a read alive for the little of it that is its own', () => {
    const { admission, body: bytes } = body()
    for (let i = 0; i < 100; i++) bytes.add(Buffer.allocUnsafeSlow(65_536).subarray(0, 5000))
    expect(bytes.size).toBe(500_000)
    expect(memory(bytes.pieces())).toBeLessThan(700_000)
    expect(admission.bytesInFlight).toBe(memory(bytes.pieces()))
  })

  it('keeps frames that lie side by side in one read, and is charged for it once', () => {
    const { admission, body: bytes } = body()
    const read = Buffer.allocUnsafeSlow(65_536)
    const frames = [0, 16_384, 32_768, 49_152].map((at) => read.subarray(at, at + 16_384))
    for (const frame of frames) bytes.add(frame)
    expect(bytes.pieces()).toEqual(frames)
    expect(bytes.pieces().every(({ buffer }) => buffer === read.buffer)).toBe(true)
    expect(admission.bytesInFlight).toBe(65_536)
  })

  it('has the bytes in their order, and is charged for the memory that they take', () => {
    const chunk = fc.record({
      size: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 3000, max: 20_000 })),
      of: fc.constantFrom(1, 3, 10),
    })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), fc.nat(30), (chunks, peek) => {
        const { admission, body: bytes } = body()
        const sent = chunks.map(({ size, of }, i) => Buffer.alloc(size * of, i + 1).subarray(0, size))
        for (const [i, each] of sent.entries()) {
          bytes.add(each)
          if (i === peek) bytes.pieces()
        }
        expect(Buffer.concat(bytes.pieces()).equals(Buffer.concat(sent))).toBe(true)
        expect(bytes.size).toBe(Buffer.concat(sent).length)
        expect(admission.bytesInFlight).toBeGreaterThanOrEqual(memory(bytes.pieces()))
      }),
    )
  })

  it('has nothing left once it was taken', () => {
    const { body: bytes } = body()
    for (const size of [10, 65_536, 20]) bytes.add(Buffer.alloc(size, size))
    const whole = Buffer.concat(bytes.pieces())
    expect(Buffer.concat(bytes.take()).equals(whole)).toBe(true)
    expect(bytes.pieces()).toEqual([])
  })

  it('throws when there is no room', () => {
    const admission = new Admission(10_000)
    admission.open().add(9000)
    const bytes = new Body(admission.open())
    expect(() => {
      for (let i = 0; i < 2000; i++) bytes.add(Buffer.alloc(1))
    }).toThrow('in flight')
  })
})

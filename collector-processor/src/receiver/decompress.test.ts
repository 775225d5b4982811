import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Admission } from './admission.ts'
import { inflate } from './decompress.ts'

const MIB = 2 ** 20
const LIMIT = 64 * MIB

/** gzip of little that tells another size at its end. */
function lying(told: number, bytes = Buffer.alloc(100)): Buffer {
  const packed = gzipSync(bytes, { level: 0 })
  packed.writeUInt32LE(told, packed.length - 4)
  return packed
}

describe('inflate', () => {
  it('gives what was packed, at once or in pieces', async () => {
    for (const size of [0, 10, 100_000, 5 * MIB]) {
      const bytes = Buffer.alloc(size, 'abc')
      const inflated = await inflate(gzipSync(bytes), LIMIT, new Admission(LIMIT).open())
      expect(Buffer.concat(Array.isArray(inflated) ? inflated : [inflated]).equals(bytes)).toBe(true)
    }
  })

  it('inflates several members one behind the other, of which only the last tells its size', async () => {
    const members = [Buffer.alloc(5 * MIB, 'x'), Buffer.alloc(10, 'y')]
    const packed = Buffer.concat(members.map((member) => gzipSync(member)))
    const inflated = await inflate(packed, LIMIT, new Admission(LIMIT).open())
    expect(
      Buffer.concat(Array.isArray(inflated) ? inflated : [inflated]).equals(Buffer.concat(members)),
    ).toBe(true)
  })

  it('takes no room for what cannot be', () => {
    const admission = new Admission(LIMIT)
    for (let i = 0; i < 100; i++) {
      const hold = admission.open()
      expect(() => inflate(lying(63 * MIB), LIMIT, hold)).toThrow('not gzip')
      hold.close()
    }
    expect(admission.bytesInFlight).toBe(0)
  })

  it('lets many small bodies that may become large wait for a thread only as far as there is room', async () => {
    const admission = new Admission(8 * MIB)
    const body = lying(5 * MIB, Buffer.alloc(6000))
    const inflating = Array.from({ length: 1000 }, () => {
      const hold = admission.open()
      const inflated = Promise.resolve(inflate(body, LIMIT, hold))
      return inflated.finally(() => hold.close()).catch((error: unknown) => String(error))
    })
    expect(admission.bytesInFlight).toBeLessThanOrEqual(8 * MIB)
    const said = await Promise.all(inflating)
    expect(said.filter((text) => String(text).includes('send this one again')).length).toBeGreaterThan(900)
    expect(said.filter((text) => String(text).includes('not gzip')).length).toBeGreaterThan(10)
    expect(admission.bytesInFlight).toBe(0)
  })

  it('stops at the limit', async () => {
    const hold = () => new Admission(LIMIT).open()
    const packed = gzipSync(Buffer.alloc(3 * MIB))
    expect(() => inflate(packed, MIB, hold())).toThrow('over the limit of 1048576 bytes')
    await expect(inflate(gzipSync(Buffer.alloc(6 * MIB)), 5 * MIB, hold())).rejects.toThrow('over the limit')
  })
})

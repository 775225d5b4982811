import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialWeights } from '../network/initial.ts'
import { networkSpec, weightCount, weightLayers } from '../network/spec.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { applyDelta, compressOwing, compressUpdate, decodeUpdate, encodeDelta, encodeDense } from './index.ts'
import { UpdateError } from './update-error.ts'

const spec = networkSpec('lstm', 17)
const parameters = weightCount(spec)

/** An update as training makes it: every layer, and every row in it, moves by another amount. */
function weightsLike(seed: number): Float32Array {
  const rng = seeded(seed)
  const values = new Float32Array(parameters)
  for (const { shape, offset, length } of weightLayers(spec)) {
    const width = shape.at(-1)!
    const size = 1e-3 * (0.5 + 2 * rng())
    for (let row = 0; row < length; row += width) {
      const scale = size * Math.exp(0.7 * normal(rng))
      for (let i = row; i < row + width; i++) values[offset + i] = scale * normal(rng)
    }
  }
  return values
}

const gaussian = (count: number, seed: number): Float32Array => {
  const rng = seeded(seed)
  return Float32Array.from({ length: count }, () => normal(rng))
}

const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
const minus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value - b[i]!)

/** Bytes with a right checksum again. */
function sealed(bytes: Uint8Array): Uint8Array {
  const sum = crc32(bytes.subarray(16), crc32(bytes.subarray(0, 12)))
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(12, sum, true)
  return bytes
}

describe('compressed update', () => {
  it.each([1, 2, 3])('comes out as the sender knows that it does, at a step of %d', (step) => {
    const { bytes, values } = compressUpdate(weightsLike(1), step)
    expect(decodeUpdate(bytes, parameters)).toEqual(values)
  })

  it('comes out so for any values and any length', () => {
    const value = fc.oneof(
      fc.float({ min: -1e6, max: 1e6, noNaN: true }),
      fc.constantFrom(0, -0, 1e-45, 1e30, -1e30, 1e-30),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5000 }), fc.integer({ min: 1, max: 255 }), (list, step) => {
        const input = Float32Array.from(list, (v) => Math.max(-1e30, Math.min(1e30, v)) * 0.999)
        const { bytes, values } = compressUpdate(input, step / 16)
        expect(decodeUpdate(bytes, input.length)).toEqual(values)
        expect(decodeUpdate(encodeDense(input), input.length)).toEqual(input)
      }),
      { numRuns: 200 },
    )
  })

  it('leaves out what is under 0.55 of a step, and is not off by much more where it does not', () => {
    const input = gaussian(2048, 2)
    const { values } = compressUpdate(input, 1)
    const step = length(input) / Math.sqrt(input.length)
    for (const [i, value] of input.entries()) {
      if (Math.abs(value) < 0.54 * step) expect(values[i]).toBe(0)
      if (Math.abs(value) < 3 * step) expect(Math.abs(value - values[i]!)).toBeLessThan(0.65 * step)
    }
  })

  it.each([
    [1, 0.084],
    [2, 0.3],
    [2.5, 0.44],
  ])('is as near as its symbols can be: at a step of %d it leaves out %d of the squares', (step, share) => {
    const input = gaussian(parameters, 2)
    const { values } = compressUpdate(input, step)
    const left = input.map((value, i) => value - values[i]!)
    expect((length(left) / length(input)) ** 2).toBeLessThan(share)
    // Another scale would only be further away: what is left is at right angles to what is sent, but for the 16 bits of the scale.
    const alike = left.reduce((sum, value, i) => sum + value * values[i]!, 0)
    expect(Math.abs(alike) / length(values) ** 2).toBeLessThan(0.008)
  })

  it('sends a block whose values are all about as large, whatever the step', () => {
    const input = Float32Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? -1 : 1) * (1 + (i % 5) / 20))
    const { values } = compressUpdate(input, 3)
    expect(Math.max(...values.map((value, i) => Math.abs(value - input[i]!)))).toBeLessThan(0.15)
  })

  it('takes the bits that Gaussian values need at least, and less where their variance differs', () => {
    const bits = (values: Float32Array, step: number) =>
      (8 * compressUpdate(values, step).bytes.length) / values.length
    // Entropies of the symbols: 1.13 and 2.05 bits.
    expect(bits(gaussian(parameters, 3), 2)).toBeLessThan(1.18)
    expect(bits(gaussian(parameters, 3), 1)).toBeLessThan(2.09)
    expect(bits(weightsLike(3), 2)).toBeLessThan(1)
    expect(bits(weightsLike(3), 1)).toBeLessThan(1.8)
  })

  it('keeps 1,000 messages of the default network within 8 MB', () => {
    expect(1000 * compressUpdate(gaussian(parameters, 4), 2).bytes.length).toBeLessThan(8.15e6)
    expect(1000 * compressUpdate(weightsLike(4), 2).bytes.length).toBeLessThan(7e6)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 2e30])('refuses to hold %d', (value) => {
    const error = expect.objectContaining({ name: 'UpdateError', code: 'out_of_range' })
    expect(() => compressUpdate(Float32Array.of(1, value), 2)).toThrow(error)
    expect(() => encodeDense(Float32Array.of(1, value))).toThrow(error)
  })

  it.each([0, -1, 16, Number.NaN])('has no step of %d', (step) => {
    expect(() => compressUpdate(Float32Array.of(1), step)).toThrow(RangeError)
  })

  it('is laid out as documented', () => {
    const { bytes } = compressUpdate(Float32Array.of(1, -1, 0, 0), 2)
    expect([...bytes.subarray(0, 12)]).toEqual([0x41, 0x44, 0x46, 0x55, 1, 1, 32, 0, 4, 0, 0, 0])
    expect([...bytes.subarray(16, 18)]).toEqual([0x80, 0x3f]) // 1, the upper 16 bits of 0x3f800000
    expect([...encodeDense(Float32Array.of(1)).subarray(16)]).toEqual([0, 0, 0x80, 0x3f])
    const golden = compressUpdate(
      Float32Array.from({ length: 64 }, (_, i) => ((i * 37) % 23) - 11),
      1,
    )
    expect(Buffer.from(golden.bytes.subarray(16)).toString('hex')).toMatchInlineSnapshot(
      `"d040e6857612215b4275fae00fce4e62c15e7340564fde14"`,
    )
  })
})

describe('error feedback', () => {
  it('pays late what it owes: the sum of what arrived nears the sum of what was meant', () => {
    let residual = new Float32Array(parameters)
    const sent = new Float32Array(parameters)
    const meant = new Float32Array(parameters)
    for (let round = 0; round < 30; round++) {
      const update = weightsLike(100 + (round % 3))
      const owing = compressOwing(update, residual, 2)
      residual = Float32Array.from(owing.residual)
      const arrived = decodeUpdate(owing.bytes, parameters)
      for (let i = 0; i < parameters; i++) {
        sent[i]! += arrived[i]!
        meant[i]! += update[i]!
      }
    }
    expect(length(minus(sent, meant)) / length(meant)).toBeLessThan(0.12)
    expect(length(minus(minus(meant, sent), residual)) / length(residual)).toBeLessThan(1e-4)
    expect(() => compressOwing(Float32Array.of(1), new Float32Array(2), 2)).toThrow(RangeError)
  })
})

describe('delta', () => {
  it('leads both ends to the same bits, and nearer to weights that stand still with each', () => {
    const { values: target } = initialWeights(spec, 7)
    let server = initialWeights(spec, 8).values
    let client = initialWeights(spec, 8).values
    const first = length(minus(target, server))
    for (let round = 0; round < 12; round++) {
      const { bytes, held } = encodeDelta(server, target, 2)
      client = applyDelta(client, bytes)
      server = held
      expect(client).toEqual(server)
    }
    expect(length(minus(target, server)) / first).toBeLessThan(0.06)
    expect(() => encodeDelta(server, Float32Array.of(1), 2)).toThrow(RangeError)
  })
})

describe('a spoilt update', () => {
  const { bytes } = compressUpdate(weightsLike(5).subarray(0, 4500), 2)
  const patched = (at: number, ...values: number[]) => {
    const copy = bytes.slice()
    copy.set(values, at)
    return sealed(copy)
  }
  const longer = (by: number) => {
    const copy = new Uint8Array(bytes.length + by)
    copy.set(bytes)
    return sealed(copy)
  }

  it.each([
    ['not_an_update', new Uint8Array(0)],
    ['not_an_update', new TextEncoder().encode('<html>not an update</html>')],
    ['truncated', bytes.subarray(0, 15)],
    ['truncated', bytes.subarray(0, 25)],
    ['unsupported_version', patched(4, 2)],
    ['unsupported_version', patched(5, 2)],
    ['wrong_length', patched(8, 0xff, 0xff, 0xff, 0xff)],
    ['truncated', patched(5, 0)],
    ['truncated', longer(1)],
    ['truncated', longer(20_000)],
    ['truncated', sealed(bytes.slice(0, -3))],
    ['corrupt', bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte))],
    ['corrupt', patched(16, 0x80, 0x7f)],
    ['corrupt', patched(16, 0xc0, 0x7f)],
    ['corrupt', patched(16, 0x80, 0xbf)],
    ['corrupt', patched(16, 0x7f, 0x7f)],
  ])('is refused as %s', (code, spoilt) => {
    expect(() => decodeUpdate(spoilt, 4500)).toThrow(expect.objectContaining({ name: 'UpdateError', code }))
  })

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e31])('is refused for a dense %d', (value) => {
    const dense = encodeDense(Float32Array.of(1, 2))
    new DataView(dense.buffer).setFloat32(16, value, true)
    expect(() => decodeUpdate(sealed(dense), 2)).toThrow(expect.objectContaining({ code: 'out_of_range' }))
  })

  /** What may come out of bytes that are not sound: an `UpdateError`, or values that are all finite. */
  function harmless(spoilt: Uint8Array): void {
    try {
      const values = decodeUpdate(spoilt, 4500)
      expect(values.length).toBe(4500)
      expect(values.every(Number.isFinite)).toBe(true)
    } catch (error) {
      if (!(error instanceof UpdateError)) throw error
    }
  }

  it('is refused at every length that is too short', () => {
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeUpdate(bytes.subarray(0, end), 4500)).toThrow(UpdateError)
      if (end >= 16) harmless(sealed(bytes.slice(0, end)))
    }
  })

  it('does no harm with bits flipped, even under a right checksum', () => {
    const place = fc.integer({ min: 0, max: 8 * bytes.length - 1 })
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 8 }), (places) => {
        const copy = bytes.slice()
        for (const at of places) copy[at >> 3]! ^= 1 << (at & 7)
        harmless(copy)
        harmless(sealed(copy))
      }),
      { numRuns: 500 },
    )
  })

  it('does no harm with anything at all behind a right header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 3000 }), (body) => {
        const made = new Uint8Array(16 + body.length)
        made.set(bytes.subarray(0, 16))
        made.set(body, 16)
        harmless(sealed(made))
      }),
      { numRuns: 500 },
    )
  })
})

import { compressUpdate, decodeUpdate, readUpdate, SCALE_BLOCK } from '@adf/detectors/update'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pack, unpack } from './packed.ts'
import { addScaled, dot, norm, piece, scaled, squaredDistance, type Values, within } from './vector.ts'

const values = fc
  .array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 5000 })
  .map((list) => Float32Array.from(list))

function packed(frame: Uint8Array, count: number): Values {
  const content = readUpdate(frame, count)
  if (content.kind === 'dense') throw new Error('is quantised')
  return pack(content.symbols, content.scales, SCALE_BLOCK)
}

it('holds the values of a frame, and sums them up as they are', () => {
  fc.assert(
    fc.property(values, fc.nat(), (input, at) => {
      const frame = compressUpdate(input, 1).bytes
      const numbers = Float64Array.from(decodeUpdate(frame, input.length))
      const few = packed(frame, input.length)
      const room = new Float64Array(input.length)
      const from = (at % input.length) & ~1
      expect(piece(few, 0, input.length, room)).toEqual(numbers.map((value) => value + 0))
      expect([...piece(few, from, input.length, room)]).toEqual([...numbers.subarray(from)].map((v) => v + 0))
      const near = 1e-9 * (1 + norm(numbers) ** 2)
      expect(Math.abs(norm(few) - norm(numbers))).toBeLessThan(near)
      expect(Math.abs(norm(few, from) - norm(numbers, from))).toBeLessThan(near)
      expect(Math.abs(dot(few, numbers) - norm(numbers) ** 2)).toBeLessThan(near)
      expect(squaredDistance(few, numbers)).toBe(0)
      const half = scaled(few, 0.5)
      const sum = new Float64Array(input.length)
      addScaled(sum, half, 2)
      expect(sum.every((value, i) => Math.abs(value - numbers[i]!) <= near)).toBe(true)
      expect(within(few, 1e6)).toBe(true)
      expect(within(few, norm(few) / (2 * input.length))).toBe(norm(few) === 0)
    }),
    { numRuns: 200, seed: 1 },
  )
})

it('refuses symbols that do not fit their scales', () => {
  expect(() => pack(new Int8Array(5), new Float32Array(1), 4)).toThrow(RangeError)
  expect(() => pack(new Int8Array(5), new Float32Array(2), 3)).toThrow(RangeError)
  const room = new Float64Array(5)
  unpack(pack(Int8Array.of(-7, 7, 0, 1, -1), Float32Array.of(2, 3), 4), 0, 5, room)
  expect([...room]).toEqual([-14, 14, 0, 2, -3])
})

import { seeded } from '@adf/detectors'
import { compressUpdate, decodeUpdate } from '@adf/detectors/update'
import { expect, it } from 'vitest'
import { MUTATIONS, mutated, sealed } from './mutation.ts'

const values = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i))
const frame = compressUpdate(values, 1).bytes
const other = compressUpdate(
  values.map((value) => -value),
  2,
).bytes

it.each(MUTATIONS)(
  '%s bytes are others, the same for the same seed, and what they were made of stays',
  (mutation) => {
    const before = frame.slice()
    const made = (seed: number) => mutated(frame, other, mutation, seeded(seed))
    expect(made(3)).toEqual(made(3))
    const all = Array.from({ length: 50 }, (_, seed) => made(seed))
    expect(all.filter((bytes) => Buffer.compare(bytes, frame) !== 0).length).toBeGreaterThan(40)
    expect(frame).toEqual(before)
  },
)

it('a frame that is sealed again gets past its checksum', () => {
  const flipped = frame.slice()
  flipped[20]! ^= 1
  expect(() => decodeUpdate(flipped, 300)).toThrow('checksum')
  expect(() => decodeUpdate(sealed(flipped), 300)).not.toThrow('checksum')
  expect(sealed(frame)).toEqual(frame)
})

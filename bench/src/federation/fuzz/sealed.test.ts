import { compressUpdate, decodeUpdate } from '@adf/detectors/update'
import { expect, it } from 'vitest'
import { sealed } from './sealed.ts'

const frame = compressUpdate(
  Float32Array.from({ length: 300 }, (_, i) => Math.sin(i)),
  1,
).bytes

it('a frame that is sealed again gets past its checksum', () => {
  const flipped = frame.slice()
  flipped[20]! ^= 1
  expect(() => decodeUpdate(flipped, 300)).toThrow('checksum')
  expect(() => decodeUpdate(sealed(flipped), 300)).not.toThrow('checksum')
  expect(sealed(frame)).toEqual(frame)
})

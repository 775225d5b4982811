import { seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { MUTATIONS, mutated } from './mutation.ts'

const frame = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256)
const other = frame.map((byte) => 255 - byte)

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

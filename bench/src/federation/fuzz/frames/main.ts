import { seeded } from '@adf/detectors'
import { compressUpdate, decodeUpdate, encodeDense, UpdateError } from '@adf/detectors/update'
import { MUTATIONS, mutated } from '../../../fuzz/mutation.ts'
import { sealed } from '../sealed.ts'
import type { FramesResult } from './frames.ts'

/** Mutated frames at the decoder: `COUNT SEED`. Sends the result to its parent. */
const [count = 0, seed = 1] = process.argv.slice(2).map(Number)
const rng = seeded(seed)
/** Values of a frame: none, one, odd, and more than a block. */
const LENGTHS = [0, 1, 97, 640, 2049]
const values = (length: number) => Float32Array.from({ length }, () => 4 * (rng() - 0.5) ** 3)
const frames = LENGTHS.flatMap((length) => [
  { length, bytes: compressUpdate(values(length), 1).bytes },
  { length, bytes: compressUpdate(values(length), 2).bytes },
  { length, bytes: encodeDense(values(length)) },
])
const WARM_UP = 20_000
const outcomes: Record<string, number> = {}
let crashes = 0
let notFinite = 0
let longestMs = 0
const settled = () => {
  globalThis.gc?.()
  return process.memoryUsage.rss() / 1e6
}
let before = settled()
for (let i = 0; i < count; i++) {
  if (i === Math.min(WARM_UP, count >> 1)) before = settled()
  const { length, bytes } = frames[i % frames.length]!
  const other = frames[Math.floor(rng() * frames.length)]!.bytes
  const changed = mutated(bytes, other, MUTATIONS[Math.floor(rng() * MUTATIONS.length)]!, rng)
  // Three of four get past the checksum.
  const frame = rng() < 0.75 ? sealed(changed) : changed
  const begun = performance.now()
  try {
    const decoded = decodeUpdate(frame, length)
    if (decoded.length !== length || !decoded.every(Number.isFinite)) notFinite++
    outcomes['accepted'] = (outcomes['accepted'] ?? 0) + 1
  } catch (error) {
    if (error instanceof UpdateError) outcomes[error.code] = (outcomes[error.code] ?? 0) + 1
    else crashes++
  }
  longestMs = Math.max(longestMs, performance.now() - begun)
}
const result: FramesResult = {
  frames: count,
  crashes,
  notFinite,
  longestMs,
  beforeMb: before,
  afterMb: settled(),
  outcomes,
}
process.send?.(result)

import type { Rng } from '@adf/detectors'
import { v7 } from 'uuid'

/** UUIDv7 of the event clock, the same for the same seed: they sort in the order in which they are made. */
export function eventIds(clock: () => number, rng: Rng): () => string {
  const random = new Uint8Array(16)
  let [lastMs, seq] = [0, 0]
  return () => {
    const msecs = Math.max(lastMs, Math.floor(clock()))
    seq = msecs === lastMs ? seq + 1 : 0
    lastMs = msecs
    for (let i = 0; i < random.length; i++) random[i] = Math.floor(rng() * 256)
    return v7({ msecs, seq, random })
  }
}

import { createHash } from 'node:crypto'
import { type Rng, seeded } from '@adf/detectors/sampling'

export type Purpose = 'selection' | 'aggregation' | 'poisoning'

/**
 * Random numbers of a run for one purpose, the same again for a replay: seeded by SHA-256 over the run's secret, which no client knows, the
 * purpose and the round. The poisoning detector has one sequence for all rounds: round 0.
 */
export function randomness(secret: Uint8Array, purpose: Purpose, round: number): Rng {
  const digest = createHash('sha256').update(secret).update(`:${purpose}:${round}`).digest()
  return seeded(digest.readUInt32LE(0))
}

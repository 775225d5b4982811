import { seeded } from '@adf/detectors'
import type { Kill } from './run.ts'

/** Each durable step in the order of a round: started again, the server comes as far as the next one. */
const STEPS = ['open', 'select', 'configure', 'collect', 'receipt', 'close', 'validate', 'aggregate']

export function* everyStep(): Generator<Kill, undefined> {
  for (const step of STEPS) for (const place of ['before', 'after'] as const) yield { at: { place, step } }
  return undefined
}

const SHORTEST_MS = 200
const LONGEST_MS = 6000

/**
 * Moments from the start of a process on, as likely between 0.2 and 1 s as between 1 and 6 s: while it starts, while it takes a lease over,
 * at any place of a round, on fast machines and on slow ones.
 */
export function* moments(seed: number): Generator<Kill, never> {
  const rng = seeded(seed)
  for (;;) yield { afterMs: Math.round(SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** rng()) }
}

import { normal, type Rng, seeded } from '@adf/detectors'
import type { InspectedUpdate, LayerSpan } from './inspection.ts'

const WIDTH = 1500

export const layers: LayerSpan[] = [
  { name: 'lstm.0.kernel', offset: 0, length: 800 },
  { name: 'lstm.0.bias', offset: 800, length: 100 },
  { name: 'output.kernel', offset: 900, length: 600 },
]

const noise = (rng: Rng, size: number) => Float64Array.from({ length: WIDTH }, () => size * normal(rng))

export const name = (client: number): string => `client-${String(client).padStart(2, '0')}`

/**
 * Rounds of honest clients: a direction that all share and that turns slowly, one of each client's own that stays, and noise; shorter from
 * round to round, as training converges.
 */
export function* honestRounds(clients: number, rounds: number, seed: number): Generator<Float32Array[]> {
  const rng = seeded(seed)
  let shared = noise(rng, 1)
  const own = Array.from({ length: clients }, () => noise(rng, 0.7))
  for (let round = 0; round < rounds; round++) {
    const turn = noise(rng, 0.45)
    shared = shared.map((value, i) => 0.9 * value + turn[i]!)
    const size = 0.01 * (0.2 + 0.8 * 0.97 ** round)
    yield own.map((mine) => {
      const length = size * Math.exp(0.15 * normal(rng))
      return Float32Array.from(shared, (value, i) => length * (value + mine[i]! + 0.8 * normal(rng)))
    })
  }
}

export const inspected = (rows: readonly Float32Array[]): InspectedUpdate[] =>
  rows.map((values, client) => ({ clientId: name(client), values }))

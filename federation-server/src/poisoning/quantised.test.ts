import { normal, seeded } from '@adf/detectors'
import { compressUpdate } from '@adf/detectors/update'
import { expect, it } from 'vitest'
import type { LayerSpan } from './inspection.ts'
import { PoisoningDetector } from './poisoning-detector.ts'
import { name } from './simulated-round.test-data.ts'

const layers: LayerSpan[] = [
  { name: 'lstm.0.kernel', offset: 0, length: 2000 },
  { name: 'lstm.0.bias', offset: 2000, length: 24 },
  { name: 'output.bias', offset: 2024, length: 3 },
]

// Of three values quantisation leaves none, one or all: nobody's doing.
it.each([1, 2])(
  'holds back no honest update for what quantisation with step %d leaves of a small layer',
  (step) => {
    const rng = seeded(1)
    const detector = new PoisoningDetector({ layers }, seeded(2))
    let state = detector.begin()
    let held = 0
    for (let round = 1; round <= 20; round++) {
      const shared = Float64Array.from({ length: 2027 }, () => normal(rng))
      const updates = Array.from({ length: 5 }, (_, client) => {
        const values = Float32Array.from(shared, (value) => 0.01 * (value + 0.5 * normal(rng)))
        return { clientId: name(client), values: compressUpdate(values, step).values }
      })
      const result = detector.inspect(state, updates, round)
      state = result.state
      held += result.inspections.filter(({ quarantined }) => quarantined).length
    }
    expect(held).toBe(0)
  },
)

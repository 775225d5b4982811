import { ModelError, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { Adam } from '../aggregate/optimiser/adam.ts'
import { PoisoningDetector } from '../poisoning/poisoning-detector.ts'
import { honestRounds, inspected, layers } from '../poisoning/simulated-round.test-data.ts'
import { decodeOptimiser, decodePoisoning, encodeOptimiser, encodePoisoning } from './state-codec.ts'

describe('state between rounds', () => {
  it('of the optimiser comes back as it was', () => {
    const adam = new Adam()
    const { state } = adam.step(new Float32Array(5), Float64Array.of(1, 2, 3, 4, 5), adam.begin(5))
    expect(decodeOptimiser(encodeOptimiser(state), 5)).toEqual(state)
    expect(decodeOptimiser(encodeOptimiser({ steps: 3, moments: [] }), 5)).toEqual({ steps: 3, moments: [] })
    expect(() => decodeOptimiser(encodeOptimiser(state), 6)).toThrow(ModelError)
  })

  it('of the poisoning detector comes back so that the next round is the same', () => {
    const detector = () => new PoisoningDetector({ layers }, seeded(2))
    let state = detector().begin()
    let stored = state
    for (const [round, rows] of [...honestRounds(6, 12, 3)].entries()) {
      const updates = inspected(rows)
      const direct = detector().inspect(state, updates, round + 1)
      const again = detector().inspect(stored, updates, round + 1)
      expect(again).toEqual(direct)
      state = direct.state
      const bytes = encodePoisoning(state)
      expect(encodePoisoning(state)).toEqual(bytes)
      stored = decodePoisoning(bytes)
      expect(stored).toEqual(state)
      expect(encodePoisoning(stored)).toEqual(bytes)
    }
  })

  it('that was damaged is refused', () => {
    const bytes = encodePoisoning(new PoisoningDetector({ layers }, seeded(2)).begin())
    for (const at of [20, 400, bytes.length - 1]) {
      const damaged = bytes.slice()
      damaged[at]! ^= 1
      expect(() => decodePoisoning(damaged)).toThrow(ModelError)
    }
    expect(() => decodePoisoning(encodeOptimiser({ steps: 0, moments: [] }))).toThrow(
      'expected federation_poisoning',
    )
  })
})

import { describe, expect, it } from 'vitest'
import { BOUNDS } from './bounds.ts'
import { Reader } from './evidence/reader.ts'
import { createPolicy } from './policies.ts'
import { policyContract } from './policy.contract.ts'
import { POLICY_NAMES } from './policy.ts'

for (const name of POLICY_NAMES)
  policyContract(name, (saved) =>
    createPolicy(name, { qLearning: { epsilon: 0 } }, BOUNDS, new Reader(), saved),
  )

policyContract('q-learning', (saved) =>
  createPolicy('q-learning', { qLearning: { epsilon: 0.3, seed: 2 } }, BOUNDS, new Reader(), saved),
)

describe('saved state', () => {
  it.each(['q-learning', 'spot', 'dspot', 'conformal'] as const)(
    'of another kind is refused by %s',
    (name) => {
      for (const state of [7, 'x', [1], [['a', 1]], [['a', 1, {}]], [['a', {}, 1, []]], {}])
        expect(() => createPolicy(name, {}, BOUNDS, new Reader(), state)).toThrow(
          expect.objectContaining({ name: 'TunerError', code: 'invalid_state' }),
        )
    },
  )
})

it.each([
  ['q-learning', { qLearning: { gamma: 0.6 } }],
  ['q-learning', { qLearning: { learningRate: Number.NaN } }],
  ['spot', { spot: { q: 0 } }],
  ['dspot', { dspot: { depth: 0 } }],
  ['conformal', { conformal: { alpha: 2 } }],
  ['thompson', { thompson: { bin: 0 } }],
] as const)('%s refuses settings %j', (name, options) => {
  expect(() => createPolicy(name, options, BOUNDS, new Reader())).toThrow(
    expect.objectContaining({ name: 'TunerError' }),
  )
})

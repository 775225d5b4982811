import { expect, it } from 'vitest'
import { admit } from './admission.ts'
import { client } from './aggregator.contract.ts'

it('lets in what is sound, and names what is wrong with the rest, one by one', () => {
  const sound = client(0, Float32Array.of(3, 4))
  const { updates, leftOut } = admit(
    [
      client(7, Float32Array.of(1, 1)),
      client(7, Float32Array.of(1, 2)),
      client(1, Float32Array.of(Number.NaN, 0)),
      client(2, Float32Array.of(1)),
      client(3, Float32Array.of(3, 4.1)),
      client(4, Float32Array.of(1, 1), 0),
      sound,
    ],
    2,
    5,
  )
  expect(updates).toEqual([sound])
  expect(leftOut).toEqual([
    { clientId: 'client-001', reason: 'not_finite' },
    { clientId: 'client-002', reason: 'wrong_length' },
    { clientId: 'client-003', reason: 'too_large' },
    { clientId: 'client-004', reason: 'invalid_samples' },
    { clientId: 'client-007', reason: 'duplicate_client' },
  ])
})

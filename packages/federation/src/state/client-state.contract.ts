import { describe, expect, it } from 'vitest'
import { firstWeights } from '../model/federated-model.ts'
import type { ClientState, Identity, RunMemory } from './client-state.ts'

/** @param open a state with nothing in it @param again the same one after a restart; left out where nothing outlives the process */
export function clientStateContract(
  name: string,
  open: () => ClientState,
  again?: (state: ClientState) => ClientState,
): void {
  const reopened = (state: ClientState) => again?.(state) ?? state
  describe(`ClientState: ${name}`, () => {
    it('begins with nothing', async () => {
      const state = open()
      expect(await state.loadIdentity()).toBeUndefined()
      expect(await state.runs()).toEqual([])
      expect(await state.loadRun('service')).toBeUndefined()
      await state.forgetRun('service')
    })

    it('remembers who the client is, and a change of it', async () => {
      const state = open()
      await state.saveIdentity(identity)
      const known = { ...identity, clientId: 'c1', sampleCap: 1000, nextPrivateKey: 'next' }
      expect(await reopened(state).loadIdentity()).toEqual(identity)
      await state.saveIdentity(known)
      expect(await reopened(state).loadIdentity()).toEqual(known)
    })

    it('remembers each run to the bit, with what waits to be acknowledged', async () => {
      const state = open()
      await state.saveRun('service', memory)
      await state.saveRun('host', { ...memory, pending: undefined, secureRound: 7 })
      const then = reopened(state)
      expect(await then.runs()).toEqual(['host', 'service'])
      expect(await then.loadRun('service')).toEqual(memory)
      expect(await then.loadRun('host')).toEqual({ ...memory, pending: undefined, secureRound: 7 })
    })

    it('replaces a run as a whole, and forgets one', async () => {
      const state = open()
      await state.saveRun('service', memory)
      const next = { ...memory, version: 8, weights: memory.weights.map((w) => w / 2), pending: undefined }
      await state.saveRun('service', next)
      expect(await reopened(state).loadRun('service')).toEqual(next)
      await state.forgetRun('service')
      expect(await reopened(state).runs()).toEqual([])
      expect(await reopened(state).loadRun('service')).toBeUndefined()
    })
  })
}

const identity: Identity = { name: 'site 1', privateKey: 'a key' }

const model: RunMemory['model'] = {
  stream: 'service',
  features: ['a', 'b'],
  network: { kind: 'autoencoder', inputs: 2, hidden: [1] },
  seed: 1,
}
const weights = firstWeights(model)

const memory: RunMemory = {
  model,
  version: 7,
  weights,
  residual: weights.map((weight) => weight / 3),
  pending: {
    round: 8,
    base: 7,
    samples: 4096,
    loss: 0.25,
    bytes: Uint8Array.of(1, 2, 3),
    residual: weights.map((weight) => -weight / 7),
  },
}

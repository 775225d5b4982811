import { initialWeights, normal, seeded } from '@adf/detectors'
import { compressUpdate, encodeDense } from '@adf/detectors/update'
import { weightBytes } from '@adf/federation/weights'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RunComputation } from '../round/run-computation.ts'
import { runSettings } from '../round/settings.ts'
import type { Submitted } from '../round/submitted.ts'
import { RUN, testConfig } from '../testing/test-server.ts'
import { ComputingThread } from './computing-thread.ts'

const { federated } = testConfig(':memory:')
const settings = runSettings(federated, federated.runs[RUN]!)
const secret = new Uint8Array(32).fill(3)
const { values: weights } = initialWeights(settings.model.network, 7)
const memory = { weights: weightBytes(weights), optimiser: undefined, poisoning: undefined }

const body = (client: number): Uint8Array => {
  const [shared, own] = [seeded(1), seeded(100 + client)]
  const values = weights.map(() => 0.01 * (normal(shared) + 0.5 * normal(own)))
  // One of them comes as it is: both forms meet in a round.
  return client === 2 ? encodeDense(values) : compressUpdate(values, 1).bytes
}
const submitted = { trusted: false, round: 1, base: 0, samples: 10, sampleCap: 100, released: false }
const clients = [1, 2, 3, 4, 5]

let thread: ComputingThread
beforeEach(async () => {
  thread = new ComputingThread('test', [{ name: RUN, settings, secret }])
  await thread.start()
})
afterEach(() => thread.stop())

it('works out the bits that would be worked out here', async () => {
  const here = new RunComputation(settings, secret)
  const updates: Submitted[] = []
  for (const client of clients) {
    const reading = await thread.read(RUN, body(client))
    if ('kind' in reading) throw new Error(reading.detail)
    expect(reading).toEqual(here.read(body(client)))
    updates.push({ ...submitted, id: `u${client}`, clientId: `c${client}`, ...reading })
  }
  const round = { round: 1, base: 0, memory, updates }
  const judged = await thread.judge(RUN, round)
  expect(judged).toEqual(here.judge(round))
  expect(judged.judgements.map(({ state }) => state)).toEqual(clients.map(() => 'pending'))
  const bare = updates.map(({ measured: _, norm: _norm, ...update }) => update)
  expect(here.judge({ ...round, updates: bare })).toEqual(judged)
  const made = await thread.combine(RUN, { ...round, held: memory.weights })
  // As it comes through: a Buffer is bytes on the other side.
  expect(made).toEqual(structuredClone(here.combine({ ...round, held: memory.weights })))
  expect(made).toMatchObject({ kind: 'made', leftOut: [] })
})

it('says what is no sound update, and what the rule cannot make anything of', async () => {
  expect(await thread.read(RUN, new Uint8Array(3))).toMatchObject({ kind: 'refused', code: 'not_an_update' })
  const held = memory.weights
  const round = { round: 1, base: 0, memory, updates: [], held }
  expect(await thread.combine(RUN, round)).toMatchObject({ kind: 'impossible' })
})

it('rejects what is a fault of the server, and goes on', async () => {
  const broken = { ...memory, poisoning: new Uint8Array(5) }
  await expect(thread.judge(RUN, { round: 1, base: 0, memory: broken, updates: [] })).rejects.toThrow()
  await expect(thread.read('another', body(1))).rejects.toThrow('no run another')
  expect(await thread.read(RUN, body(1))).toHaveProperty('norm')
})

it('rejects what it was asked for when it ends, and whatever comes after it was stopped', async () => {
  const asked = thread.read(RUN, body(1)).catch((error: unknown) => String(error))
  await thread.stop()
  expect(await asked).toContain('has ended')
  await expect(thread.read(RUN, body(1))).rejects.toThrow('was stopped')
})

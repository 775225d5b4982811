import { initialWeights, seeded, weightLayers } from '@adf/detectors'
import { beforeAll, expect, it, vi } from 'vitest'
import { features, gathered, network, trainedOn } from './site.test-data.ts'
import { trainForRound } from './train.ts'
import { ProcessTrainer } from './trainer.ts'
import type { TrainingJob } from './training-job.ts'
import { verdictOn } from './verdict.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })
const ports = { rng: seeded(1), rest: async () => {} }
const training = { epochs: 2, batch_size: 1, learning_rate: 0.01, proximal: 0.01 }

let job: TrainingJob
beforeAll(async () => {
  job = {
    network,
    features,
    global: await trainedOn(gathered(1)),
    own: undefined,
    ...gathered(2),
    round: { training, privacy: null },
    personalise: true,
    seed: 1,
    cpuShare: 1,
  }
})

it('trains for the round, and fits the last layer alone to this site', async () => {
  const { round, personal, losses } = await trainForRound(job, ports)
  expect(round).toMatchObject({ kind: 'learned', samples: 512, loss: losses.global })
  expect(losses.personal).toBeLessThan(losses.global)
  expect(losses.own).toBeNaN()
  const last = weightLayers(network).at(-2)!.offset
  expect(personal!.subarray(0, last)).toEqual(job.global.subarray(0, last))
  expect(personal!.subarray(last)).not.toEqual(job.global.subarray(last))
})

it('without a round only compares, and without data says that it does not know', async () => {
  const own = job.global.map((value) => -value)
  const compared = await trainForRound({ ...job, round: undefined, own }, ports)
  expect(compared.round).toBeUndefined()
  expect(compared.losses.own).toBeGreaterThan(compared.losses.global)
  const blind = await trainForRound({ ...job, own, training: [], heldOut: [] }, ports)
  expect(blind).toEqual({
    round: { kind: 'nothing', reason: 'too_little_data', detail: expect.any(String) },
    personal: undefined,
    losses: { global: Number.NaN, personal: Number.NaN, own: Number.NaN },
  })
  expect((await trainForRound({ ...job, personalise: false }, ports)).personal).toBeUndefined()
})

it('gives no update, and no last layer, of weights that run away', async () => {
  const global = initialWeights(network, 1).values.map((value) => 3e38 * Math.sign(value))
  expect(await trainForRound({ ...job, global }, ports)).toMatchObject({
    round: { kind: 'nothing', reason: 'ran_away' },
    personal: undefined,
  })
})

it('does in a process what it does here, says what it cost, and ends when it is told to', async () => {
  const trainer = new ProcessTrainer()
  const here = await trainForRound({ ...job, round: { training, privacy: null } }, ports)
  const { cpuMs, ...there } = await trainer.train({ ...job, cpuShare: 0.9 }, new AbortController().signal)
  expect(there).toEqual(here)
  expect(cpuMs).toBeGreaterThan(0)
  const stop = new AbortController()
  const endless = {
    ...job,
    round: { training: { ...training, epochs: 1000 }, privacy: null },
    cpuShare: 0.01,
  }
  const running = trainer.train(endless, stop.signal)
  setImmediate(() => stop.abort(new Error('stopped')))
  await expect(running).rejects.toThrow('stopped')
  const wrong = { ...job, global: new Float32Array(3) }
  await expect(trainer.train(wrong, new AbortController().signal)).rejects.toThrow('weights')
})

it('lets the better weights judge, and anything of use when nothing does', () => {
  const losses = { global: 0.5, personal: 0.4, own: 0.45 }
  const nothing = { global: Number.NaN, personal: Number.NaN, own: Number.NaN }
  expect(verdictOn(losses, true, true)).toBe('taken')
  expect(verdictOn({ ...losses, own: 0.3 }, true, true)).toBe('kept')
  expect(verdictOn({ ...losses, personal: Number.NaN }, true, true)).toBe('kept')
  expect(verdictOn({ ...losses, own: 0.4 }, true, true)).toBe('taken')
  expect(verdictOn({ ...losses, own: Number.NaN }, true, true)).toBe('taken')
  expect(verdictOn({ ...nothing, own: 0.5 }, true, true)).toBe('kept')
  expect(verdictOn(nothing, false, false)).toBe('first')
  expect(verdictOn(nothing, true, false)).toBe('kept')
  expect(verdictOn(nothing, false, true)).toBe('kept')
  expect(verdictOn({ ...nothing, global: 3 }, false, true)).toBe('kept')
  expect(verdictOn({ ...nothing, global: 0.9 }, false, true)).toBe('first')
})

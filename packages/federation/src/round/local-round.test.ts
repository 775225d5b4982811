import type { Training } from '@adf/contract/federation'
import { initialWeights, type NetworkSpec, normal, seeded } from '@adf/detectors'
import { startTensorFlow } from '@adf/detectors/training'
import { compressUpdate } from '@adf/detectors/update'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type Learned, type LocalRound, localRound } from './local-round.ts'

vi.setConfig({ testTimeout: 60_000 })
beforeAll(startTensorFlow)

const network: NetworkSpec = { kind: 'autoencoder', inputs: 3, hidden: [4, 2, 4] }
const training: Training = { epochs: 8, batch_size: 4, learning_rate: 0.03, proximal: 0 }

/** Three waves with noise, of a site's own speed. */
function waves(rows: number, seed: number, speed = 3): Float32Array {
  const rng = seeded(seed)
  return Float32Array.from({ length: 3 * rows }, (_, i) => {
    const time = Math.floor(i / 3)
    return 1.4 * Math.sin(time / speed + (i % 3)) + 0.1 * normal(rng)
  })
}
const round: LocalRound = {
  network,
  base: initialWeights(network, 1).values,
  train: [waves(200, 1), waves(200, 2)],
  heldOut: [waves(150, 3)],
  training,
  seed: 5,
  privacy: null,
  rng: seeded(1),
}
const learned = async (change: Partial<LocalRound> = {}): Promise<Learned> => {
  const outcome = await localRound({ ...round, ...change })
  if (outcome.kind !== 'learned') throw new Error(outcome.detail)
  return outcome
}
const norm = (values: Float32Array) => Math.hypot(...values)

describe('a local round', () => {
  it('gives what was learned, and tells what the global weights were worth on data held out', async () => {
    const before = await learned()
    expect(before.samples).toBe(400)
    expect(before.ownLoss).toBeLessThan(0.8 * before.loss!)
    const off = before.weights.map((value, i) => value - round.base[i]! - before.update[i]!)
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(1e-6)
    const next = await learned({ base: before.weights })
    expect(next.loss).toBeCloseTo(before.ownLoss, 6)
    expect(() => compressUpdate(before.update, 2)).not.toThrow()
  })

  it('gives the same for the same seed, and never looks at what is held out for training', async () => {
    const { update } = await learned()
    expect((await learned({ heldOut: [waves(150, 99, 20)] })).update).toEqual(update)
    expect((await learned({ seed: 6 })).update).not.toEqual(update)
  })

  it('stays nearer to the global weights with a proximal term', async () => {
    const near = await learned({ training: { ...training, proximal: 10 } })
    expect(norm(near.update)).toBeLessThan(0.8 * norm((await learned()).update))
  })

  it('with privacy sends a short noisy update and nothing else of its data, and keeps its own weights', async () => {
    const plain = await learned()
    const privacy = { clip_norm: 0.1, noise_multiplier: 2 }
    const hidden = await learned({ privacy })
    expect(hidden).toMatchObject({ samples: 1, loss: undefined, weights: plain.weights })
    expect(norm(hidden.update) / (0.2 * Math.sqrt(plain.update.length))).toBeCloseTo(1, 0)
  })

  it('without data held out claims no loss', async () => {
    expect(await learned({ heldOut: [] })).toMatchObject({ loss: undefined, ownLoss: Number.NaN })
  })

  it('gives nothing, and says why, without data or when training runs away', async () => {
    const lstm: NetworkSpec = { kind: 'lstm', inputs: 3, hidden: 2, layers: 1 }
    const other = { ...round, network: lstm, base: initialWeights(lstm, 1).values }
    for (const train of [[], [new Float32Array(0)], [Float32Array.of(1, 2, 3)]])
      expect(await localRound({ ...other, train })).toMatchObject({
        kind: 'nothing',
        reason: 'too_little_data',
      })
    const base = round.base.map((value) => 3e38 * Math.sign(value))
    expect(await localRound({ ...round, base })).toMatchObject({
      kind: 'nothing',
      reason: 'ran_away',
      detail: expect.stringContaining('learning rate'),
    })
  })

  it('refuses data and weights of another network, and ends when it is told to', async () => {
    await expect(localRound({ ...round, base: new Float32Array(3) })).rejects.toThrow(RangeError)
    await expect(localRound({ ...round, train: [new Float32Array(7)] })).rejects.toThrow('rows of 3')
    const spoilt = waves(100, 1).with(5, Number.NaN)
    await expect(localRound({ ...round, train: [spoilt] })).rejects.toThrow('not finite')
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(localRound({ ...round, signal })).rejects.toThrow('stopped')
  })
})

it('sites that differ, averaged over rounds, come to weights that are better on every site than where they began', async () => {
  const sites = [2, 3, 4].map((speed, i) => ({
    train: [waves(300, i, speed)],
    heldOut: [waves(150, 10 + i, speed)],
  }))
  let base = initialWeights(network, 1).values
  const losses: number[][] = []
  for (let number = 1; number <= 6; number++) {
    const parts: Learned[] = []
    for (const site of sites) parts.push(await learned({ ...site, base, seed: number }))
    losses.push(parts.map(({ loss }) => loss!))
    base = base.map(
      (value, i) => value + parts.reduce((sum, { update }) => sum + update[i]!, 0) / parts.length,
    )
  }
  for (const [site, first] of losses[0]!.entries()) expect(losses.at(-1)![site]).toBeLessThan(0.7 * first)
})

import { normal, seeded } from '@adf/detectors'
import { expect, it } from 'vitest'
import { federate } from './federate.ts'
import { fedAvg } from './rules.ts'
import type { RoundAnswer, RoundOrder } from './training-order.ts'

const SIZE = 4096
const rng = seeded(1)
const pattern = Float32Array.from({ length: SIZE }, () => normal(rng))
const training = { epochs: 1, batch_size: 8, learning_rate: 0.01, proximal: 0 }

type Asked = Omit<RoundOrder, 'kind'>

/** A site that goes a tenth of the way to where it wants the weights. */
function siteTowards(goal: number, samples: number) {
  const orders: Asked[] = []
  return {
    orders,
    async round(order: Asked): Promise<RoundAnswer> {
      orders.push(order)
      const update = order.base.map((weight, i) => 0.1 * (goal * pattern[i]! - weight))
      return { kind: 'learned', update, samples, loss: 0, weights: update, ownLoss: 0 }
    },
  }
}

/** Root mean square distance from so many times the pattern. */
const distance = (weights: Float32Array, times: number) =>
  Math.sqrt(weights.reduce((sum, weight, i) => sum + (weight - times * pattern[i]!) ** 2, 0) / SIZE)

it('averages the updates of a round by samples, and begins the next with what came out', async () => {
  const threads = [siteTowards(1, 300), siteTowards(-1, 100)]
  const options = { threads, initial: new Float32Array(SIZE), training, seed: 1, combine: fedAvg() }
  const { weights, bytes } = await federate({ ...options, rounds: 1 })
  expect(distance(weights, 0.05)).toBeLessThan(1e-7)
  expect(bytes).toEqual({ up: 0, down: 0 })

  const longer = await federate({ ...options, rounds: 80 })
  expect(distance(longer.weights, 0.5)).toBeLessThan(1e-3)
  expect(threads[0]?.orders[2]?.base).toEqual(weights)
  expect(new Set(threads.flatMap((thread) => thread.orders.slice(1).map(({ seed }) => seed))).size).toBe(160)
})

it('comes to the same with coarse updates and deltas, and counts their bytes', async () => {
  const threads = [siteTowards(1, 1), siteTowards(1, 1), siteTowards(1, 1)]
  const seen: number[] = []
  const { weights, bytes } = await federate({
    threads,
    initial: new Float32Array(SIZE),
    rounds: 120,
    training,
    quantisation: { up: (round) => (round <= 10 ? 1 : 2.5), down: 2.5 },
    seed: 1,
    combine: fedAvg(),
    onRound: (round, base, updates) => {
      seen.push(round)
      expect(base).toEqual(threads[0]?.orders.at(-1)?.base)
      expect(updates.map(({ site }) => site)).toEqual([0, 1, 2])
    },
  })
  expect(seen).toHaveLength(120)
  expect(distance(weights, 1)).toBeLessThan(0.02)
  const frames = 2 * 3 * 120
  expect((bytes.up + bytes.down) / frames).toBeLessThan(SIZE / 4)
  expect(bytes.up).toBeGreaterThan(3 * 120 * 20)
  expect(bytes.down % 3).toBe(0)
})

it('says which site had nothing to train on', async () => {
  const nothing = {
    round: async (): Promise<RoundAnswer> => ({
      kind: 'nothing',
      reason: 'too_little_data',
      detail: 'no run is full',
    }),
  }
  const options = { threads: [siteTowards(1, 1), nothing], initial: new Float32Array(8), rounds: 2 }
  await expect(federate({ ...options, training, seed: 1, combine: fedAvg() })).rejects.toThrow(
    'site 1 in round 1: no run is full',
  )
})

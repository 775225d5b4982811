import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { cosine, norm, squaredDistance } from '../vector/vector.ts'
import type { AttackView } from './attack.ts'
import { attacks } from './attacks/attacks.ts'
import { moments } from './moments.ts'

const WIDTH = 300
const rng = seeded(1)
const draw = (size: number) => Float32Array.from({ length: WIDTH }, () => size * normal(rng))
const shared = draw(1)
const near = () => {
  const own = draw(0.7)
  return shared.map((value, i) => value + own[i]!)
}
const view = (round: number): AttackView => ({
  round,
  weights: new Float32Array(WIDTH),
  own,
  honest,
  poisoned: () => bad,
  rng: seeded(2),
})
const own = [near(), near(), near()]
const honest = [near(), near(), near(), near(), near(), near(), near()]
const bad = [draw(1), draw(1), draw(1)]
const { mean, deviation } = moments(honest)
const crafted = (name: string, round = 1) =>
  attacks.find((attack) => attack.name === name)!.craft(view(round))
const farthest = (from: Float32Array, power = 1) =>
  Math.max(...honest.map((each) => squaredDistance(each, from) ** power))
const total = (from: Float32Array) => honest.reduce((sum, each) => sum + squaredDistance(each, from), 0)

describe.each(attacks.map(({ name }) => name))('%s', (name) => {
  it('makes an update for each attacker, the same for the same random numbers, and writes to nothing', () => {
    const before = structuredClone([own, honest, bad])
    const made = crafted(name)
    expect(made.map(({ length }) => length)).toEqual([WIDTH, WIDTH, WIDTH])
    expect(crafted(name)).toEqual(made)
    expect([own, honest, bad]).toEqual(before)
    expect(made.every((update) => update.every(Number.isFinite))).toBe(name !== 'nan')
  })
})

it('nan leaves no update finite', () => {
  for (const update of crafted('nan')) expect(update.some(Number.isNaN)).toBe(true)
})

it('scaling and sign_flip turn the own update and make it longer', () => {
  for (const [name, factor] of [
    ['scaling', 10],
    ['sign_flip', 4],
  ] as const)
    for (const [i, update] of crafted(name).entries()) {
      expect(cosine(update, own[i]!)).toBeCloseTo(-1, 6)
      expect(norm(update) / norm(own[i]!)).toBeCloseTo(factor, 4)
    }
})

it('label_flip sends what was learned of anomalies, sybil that of one with little noise', () => {
  expect(crafted('label_flip')).toEqual(bad)
  const sybils = crafted('sybil')
  expect(sybils[0]).not.toEqual(sybils[1])
  for (const update of sybils) expect(cosine(update, bad[0]!)).toBeGreaterThan(0.99)
})

it('alie stays one deviation from the mean, nearer to it than a typical honest client', () => {
  const [update] = crafted('alie')
  for (const i of [0, 7, 299]) expect(update![i]).toBeCloseTo(mean[i]! - deviation[i]!, 5)
  const distances = honest.map((each) => squaredDistance(each, mean)).sort((a, b) => a - b)
  expect(squaredDistance(update!, mean)).toBeLessThan(distances[4]!)
})

it('ipm has a negative inner product with the mean, and is short', () => {
  const [update] = crafted('ipm')
  expect(cosine(update!, mean)).toBeCloseTo(-1, 6)
  expect(norm(update!) / norm(mean)).toBeCloseTo(0.1, 6)
})

it('min_max goes as far as the two farthest honest updates are apart, and no farther', () => {
  const most = Math.max(...honest.map((each) => farthest(each)))
  expect(farthest(crafted('min_max')[0]!) / most).toBeCloseTo(1, 4)
})

it('min_sum goes as far as the sum of distances of the farthest honest update, and no farther', () => {
  const most = Math.max(...honest.map(total))
  expect(total(crafted('min_sum')[0]!) / most).toBeCloseTo(1, 4)
})

it('both change nothing when the honest are all alike', () => {
  const alike = { ...view(1), honest: [shared, shared, shared] }
  for (const attack of attacks.filter(({ name }) => name === 'min_max' || name === 'min_sum'))
    expect(attack.craft(alike)[0]).toEqual(shared)
})

it('stealth_drift is honest in the first round, and half poisoned at last', () => {
  expect(crafted('stealth_drift', 1)).toEqual(own)
  const late = crafted('stealth_drift', 1000)
  for (const i of [0, 9]) expect(late[1]![i]).toBeCloseTo((own[1]![i]! + bad[1]![i]!) / 2, 5)
})

it('disguised attackers are as long as those they disguise, and no two are alike', () => {
  for (const name of ['min_max', 'ipm']) {
    const [open] = crafted(name)
    const [one, other] = crafted(`${name}_disguised`)
    expect(norm(one!) / norm(open!)).toBeCloseTo(1, 5)
    expect(one).not.toEqual(other)
  }
})

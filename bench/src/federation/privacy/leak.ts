import { seeded } from '@adf/detectors'

/** How well scores tell what was trained on from what was not. */
export interface Leak {
  /** Chance that a member has a higher score than another one: 0.5 tells nothing. */
  readonly auc: number
  /** Largest true less false positive rate of any threshold (S. Yeom et al.: Privacy Risk in Machine Learning, 2018). */
  readonly advantage: number
  /** What the largest comes to by chance alone, with as many: the mean over shuffled memberships. */
  readonly advantageByChance: number
}

const SHUFFLES = 200

/** @param members scores of what was trained on, @param others of what was not; the higher, the more like a member */
export function leakOf(members: readonly number[], others: readonly number[]): Leak {
  if (members.length === 0 || others.length === 0) throw new RangeError('no members, or nothing else')
  const all = [...members, ...others]
  const rng = seeded(1)
  let chance = 0
  for (let i = 0; i < SHUFFLES; i++) {
    const mixed = all
      .map((score) => ({ score, at: rng() }))
      .sort((a, b) => a.at - b.at)
      .map(({ score }) => score)
    chance += advantageOf(mixed.slice(0, members.length), mixed.slice(members.length)) / SHUFFLES
  }
  return { auc: aucOf(members, others), advantage: advantageOf(members, others), advantageByChance: chance }
}

/** Equal scores count half. */
function aucOf(members: readonly number[], others: readonly number[]): number {
  let wins = 0
  for (const member of members)
    for (const other of others) wins += member > other ? 1 : member === other ? 0.5 : 0
  return wins / (members.length * others.length)
}

function advantageOf(members: readonly number[], others: readonly number[]): number {
  const share = (scores: readonly number[], threshold: number) =>
    scores.filter((score) => score >= threshold).length / scores.length
  return Math.max(0, ...members.map((threshold) => share(members, threshold) - share(others, threshold)))
}

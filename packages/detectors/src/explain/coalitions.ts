import type { Rng } from '../statistics/sampling.ts'

/** Which sets are tried, with what weight; those from `drawnFrom` on are drawn, each followed by its complement. */
export interface Plan {
  readonly sets: Uint8Array[]
  readonly weights: number[]
  readonly drawnFrom: number
}

/**
 * Sets of known features for Kernel SHAP with the Shapley kernel's weight: whole sizes (with those of their complements) from the
 * outside in while the budget lasts, then draws from the sizes left.
 *
 * @param width at least 2, @param budget sets; at least 4 · width
 */
export function planned(width: number, budget: number, rng: Rng): Plan {
  const sets: Uint8Array[] = []
  const weights: number[] = []
  // The Shapley kernel of all sets of a size, and of those that complement them.
  const sizes = Array.from({ length: width >> 1 }, (_, i) => i + 1)
  const paired = (size: number) => (2 * size === width ? 1 : 2)
  const mass = (size: number) => (paired(size) * (width - 1)) / (size * (width - size))
  let left = budget
  let size = 1
  for (; size <= sizes.length; size++) {
    const count = paired(size) * binomial(width, size)
    const enough = size === sizes.length || left - count >= 2 * width
    if (count > left || !enough) break
    for (const set of setsOf(width, size)) {
      sets.push(set)
      if (paired(size) === 2) sets.push(complement(set))
    }
    weights.push(...new Array<number>(count).fill(mass(size) / count))
    left -= count
  }
  const drawnFrom = sets.length
  const rest = sizes.slice(size - 1)
  if (rest.length > 0) {
    const total = rest.reduce((sum, each) => sum + mass(each), 0)
    const pairs = left >> 1
    for (let pair = 0; pair < pairs; pair++) {
      const set = drawSet(width, drawSize(rest, mass, rng() * total), rng)
      sets.push(set, complement(set))
      weights.push(total / pairs / 2, total / pairs / 2)
    }
  }
  return { sets, weights, drawnFrom }
}

/** The size that the running sum of masses reaches `at` with. */
function drawSize(sizes: readonly number[], mass: (size: number) => number, at: number): number {
  let reached = 0
  for (const size of sizes) {
    reached += mass(size)
    if (at < reached) return size
  }
  return sizes[sizes.length - 1]!
}

const complement = (set: Uint8Array): Uint8Array => set.map((bit) => 1 - bit)

function binomial(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i
  return Math.round(result)
}

/** All sets of a size, in lexicographic order; of two complements of half the width both. */
function setsOf(width: number, size: number): Uint8Array[] {
  const out: Uint8Array[] = []
  const members = Array.from({ length: size }, (_, i) => i)
  for (;;) {
    const set = new Uint8Array(width)
    for (const member of members) set[member] = 1
    out.push(set)
    let at = size - 1
    while (at >= 0 && members[at] === width - size + at) at--
    if (at < 0) return out
    members[at]!++
    for (let next = at + 1; next < size; next++) members[next] = members[next - 1]! + 1
  }
}

/** A set of a size, each as likely (Floyd's algorithm). */
function drawSet(width: number, size: number, rng: Rng): Uint8Array {
  const set = new Uint8Array(width)
  for (let last = width - size; last < width; last++) {
    const member = Math.floor(rng() * (last + 1))
    set[set[member] === 1 ? last : member] = 1
  }
  return set
}

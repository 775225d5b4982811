import { median } from '../vector/order.ts'
import { norm } from '../vector/vector.ts'
import type { Finding } from './inspection.ts'
import type { Measurement } from './measurements.ts'

/** What a client has said beyond the others over its rounds. */
export interface Course {
  /** Sum of its unit residuals, each round counting 0.8 times the next one's. */
  readonly sum: Float64Array
  readonly rounds: number
  /** The latest round it was part of. */
  readonly seen: number
}

const KEPT = 0.8
/** Two sites with like data stay below it. */
const ALIKE = 0.7
/** How much more alike than is usual in the round: where honest sites come in kinds, each is like another. */
const MARGIN = 0.15
/** Rounds after which two courses may be compared: two honest ones can meet by chance. */
const FEWEST_ROUNDS = 3
/** In a smaller round everybody's residual is made by everybody else. */
const FEWEST_CLIENTS = 3
/** Residuals shorter than that, of 1, are rounding. */
const SHORTEST = 1e-6

export function nextCourse(before: Course | undefined, residual: Float64Array, round: number): Course {
  const unit = unitOf(residual)
  return {
    sum: before === undefined ? unit : unit.map((value, k) => value + KEPT * before.sum[k]!),
    rounds: (before?.rounds ?? 0) + 1,
    seen: round,
  }
}

/**
 * Clients that say the same, where others differ: one attacker under several names. Compares what is left of updates when the usual
 * direction is taken away, which honest clients share, in this round and over earlier ones. The two of a pair cannot be told apart:
 * who copies an honest client brings it under suspicion, too.
 * Sybils that are half of a round are what is usual there.
 *
 * After C. Fung, C. J. M. Yoon, I. Beschastnikh, "The Limitations of Federated Learning in Sybil Settings", RAID 2020 (FoolsGold), which
 * compares whole updates and so takes honest clients with like data for one.
 *
 * @param courses of the same clients, this round among them
 */
export function similarityFindings(
  measurements: readonly Measurement[],
  courses: readonly Course[],
): (Finding | undefined)[] {
  const count = measurements.length
  if (count < FEWEST_CLIENTS) return measurements.map(() => undefined)
  const best = new Float64Array(count)
  const twin = new Int32Array(count)
  // Made unit vectors once: a round of a thousand has half a million pairs.
  const residuals = measurements.map(({ residual }) => unitOf(residual))
  const sums = courses.map(({ sum }) => unitOf(sum))
  const known = courses.map(({ rounds }) => rounds >= FEWEST_ROUNDS)
  for (let i = 1; i < count; i++) {
    const alike = dots(residuals[i]!, residuals, i)
    const before = known[i] ? dots(sums[i]!, sums, i) : undefined
    for (let j = 0; j < i; j++) {
      const most = before !== undefined && known[j] ? Math.max(alike[j]!, before[j]!) : alike[j]!
      if (most > best[i]!) {
        best[i] = most
        twin[i] = j
      }
      if (most > best[j]!) {
        best[j] = most
        twin[j] = i
      }
    }
  }
  const usual = median(best)
  return measurements.map((_, i) => ({
    kind: 'similarity',
    suspicion: Math.max(
      0,
      Math.min(1, (best[i]! - ALIKE) / (1 - ALIKE), (best[i]! - usual - MARGIN) / (2 * MARGIN)),
    ),
    text: `differs from the round as ${measurements[twin[i]!]!.clientId} does, cosine ${best[i]!.toFixed(2)}`,
  }))
}

/** Inner products with the first `count` vectors, four at a time: each value of the one is read once for them. */
function dots(one: Float64Array, others: readonly Float64Array[], count: number): Float64Array {
  const products = new Float64Array(count)
  const whole = count & ~3
  for (let j = 0; j < whole; j += 4) {
    const [a, b, c, d] = [others[j]!, others[j + 1]!, others[j + 2]!, others[j + 3]!]
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let k = 0; k < one.length; k++) {
      const value = one[k]!
      s0 += value * a[k]!
      s1 += value * b[k]!
      s2 += value * c[k]!
      s3 += value * d[k]!
    }
    products[j] = s0
    products[j + 1] = s1
    products[j + 2] = s2
    products[j + 3] = s3
  }
  for (let j = whole; j < count; j++)
    for (let k = 0; k < one.length; k++) products[j]! += one[k]! * others[j]![k]!
  return products
}

/** Zeros of what is too short to have a direction. */
function unitOf(vector: Float64Array): Float64Array {
  const length = norm(vector)
  return vector.map((value) => (length < SHORTEST ? 0 : value / length))
}

import { median } from '../vector/order.ts'
import { norm, scaled } from '../vector/vector.ts'
import type { AggregationRound, ClientUpdate, Prepared, PreStep } from './aggregator.ts'
import { checked } from './checked.ts'

/**
 * Which norm no update may be longer than: a number; `median` of the round's norms; or `adaptive`, so that 2·f/n·(n−f) of the updates are
 * cut, to the norm of the longest that is not (ARC, which keeps the guarantees of the rule behind it).
 */
export type ClippingLimit = number | 'median' | 'adaptive'

/**
 * Shortens updates that are longer than a limit; their direction stays. Under `median` and `adaptive` no update is longer
 * afterwards than the longest honest one, as long as fewer than half are faulty.
 *
 * Z. Sun et al., "Can You Really Backdoor Federated Learning?", 2019; Y. Allouah et al., "Adaptive Gradient Clipping for Robust
 * Federated Learning", 2024 (arXiv 2405.14778).
 */
export class NormClipping implements PreStep {
  readonly name = 'norm_clipping'
  readonly #limit: ClippingLimit

  /** @throws RangeError for a number that is not above 0 */
  constructor(limit: ClippingLimit = 'median') {
    if (typeof limit === 'number' && !(limit > 0)) throw new RangeError(`norms clipped to ${limit}`)
    this.#limit = limit
  }

  fewest(faulty: number): number {
    return 2 * faulty + 1
  }

  apply(round: AggregationRound): Prepared {
    const updates = checked(this, round)
    const factors = clippingFactors(updates, this.#limit, round.faulty)
    const clipped = updates.map((update, i) => {
      const factor = factors[i]!
      return factor < 1 ? { ...update, values: scaled(update.values, factor) } : update
    })
    return { updates: clipped, leftOut: [] }
  }
}

/** What each update is multiplied by: below 1 for those that are too long. */
export function clippingFactors(
  updates: readonly ClientUpdate[],
  limit: ClippingLimit,
  faulty: number,
): number[] {
  const norms = updates.map(({ values }) => norm(values))
  const longest = limitOf(limit, norms, faulty)
  return norms.map((length) => (length > longest ? longest / length : 1))
}

function limitOf(limit: ClippingLimit, norms: readonly number[], faulty: number): number {
  if (typeof limit === 'number') return limit
  if (limit === 'median') return median(norms)
  const cut = Math.floor((2 * faulty * (norms.length - faulty)) / norms.length)
  return Float64Array.from(norms)
    .sort()
    .at(-1 - cut)!
}

import { makeWeights, networkLoss } from '@adf/detectors'
import type { SiteUpdate } from '../sites/federate.ts'
import type { Site } from '../sites/site.ts'
import { type Leak, leakOf } from './leak.ts'

/** The runs that a site gathered, in two halves: one is trained on, the other is not. */
export interface Halves {
  readonly members: readonly Float32Array[]
  readonly others: readonly Float32Array[]
}

/** Every other run, so that both halves are of the same times. */
export function halvesOf({ training, heldOut }: Site): Halves {
  const all = [...training, ...heldOut]
  return { members: all.filter((_, i) => i % 2 === 0), others: all.filter((_, i) => i % 2 === 1) }
}

type Score = (run: Float32Array, site: number) => number

/** Whoever has the global weights: what was trained on has the smaller loss. */
export const byLoss =
  (sites: readonly Site[], weights: Float32Array): Score =>
  (run) =>
    -lossOf(sites, weights, run)

/**
 * Who can also train on data like it: the loss is compared with that of weights which have not seen the run if the others have, so that runs
 * which are easy by themselves do not look like members (L. Watson et al.: On the Importance of Difficulty Calibration in Membership
 * Inference Attacks, 2022; the one shadow model of a likelihood ratio, N. Carlini et al. 2022).
 */
export const byCalibratedLoss =
  (sites: readonly Site[], weights: Float32Array, shadow: Float32Array): Score =>
  (run) =>
    lossOf(sites, shadow, run) - lossOf(sites, weights, run)

/** The server, which sees the update of each site: it lowers the loss of what it was trained on most. */
export class ByUpdates {
  readonly #sites: readonly Site[]
  readonly #seen: { readonly base: Float32Array; readonly updates: readonly SiteUpdate[] }[] = []
  readonly #rounds: number

  /** @param rounds that are looked at, the last ones */
  constructor(sites: readonly Site[], rounds: number) {
    this.#sites = sites
    this.#rounds = rounds
  }

  see(base: Float32Array, updates: readonly SiteUpdate[]): void {
    this.#seen.push({ base, updates })
    if (this.#seen.length > this.#rounds) this.#seen.shift()
  }

  readonly score: Score = (run, site) => {
    let sum = 0
    for (const { base, updates } of this.#seen) {
      const update = updates.find((each) => each.site === site)
      if (update === undefined) continue
      const after = base.map((weight, i) => weight + update.values[i]!)
      sum += lossOf(this.#sites, base, run) - lossOf(this.#sites, after, run)
    }
    return sum
  }
}

/** Over all runs of all sites. */
export function leakBy(score: Score, halves: readonly Halves[]): Leak {
  const scores = (of: keyof Halves) => halves.flatMap((half, site) => half[of].map((run) => score(run, site)))
  return leakOf(scores('members'), scores('others'))
}

const lossOf = ([site]: readonly Site[], weights: Float32Array, run: Float32Array): number =>
  networkLoss(makeWeights(site!.network, weights, 1), [run])

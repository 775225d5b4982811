import { initialWeights, type NetworkSpec, normal, seeded } from '@adf/detectors'
import { applyDelta, compressUpdate, decodeUpdate } from '@adf/detectors/update'
import { weightsHash } from '@adf/federation/weights'
import { expected, json, type Site } from './site.ts'

export interface Model {
  readonly network: NetworkSpec
  readonly seed: number
}

/** A site that follows the weights bit by bit; its updates follow from its number and the round. */
export class Learner {
  readonly site: Site
  readonly #number: number
  weights: Float32Array
  version = 0
  /** Rounds that the server gave it a receipt for, with the hash of the update. */
  readonly receipts = new Map<number, string>()

  constructor(site: Site, number: number, { network, seed }: Model) {
    this.site = site
    this.#number = number
    this.weights = initialWeights(network, seed).values
  }

  update(round: number, step: number): Uint8Array {
    // A direction that all share in all rounds, and one of its own.
    const shared = seeded(4711)
    const own = seeded(1000 * this.#number + 7 * round)
    const values = this.weights.map(() => 0.01 * (normal(shared) + 0.5 * normal(own)))
    return compressUpdate(values, step).bytes
  }

  /** Asks once for work, and does it. @returns whether a round asked for an update */
  async takeTurn(run: string, waitSeconds: number): Promise<boolean> {
    const holding = { version: this.version, hash: weightsHash(this.weights) }
    const { round, version, hash } = await this.site.work(run, holding, waitSeconds)
    await this.follow(run, round?.base ?? version)
    if (round === null) {
      if (this.version === version && weightsHash(this.weights) !== hash)
        throw new Error(`version ${version} has other weights here than on the server`)
      return false
    }
    const answer = expected(
      await this.site.submit(run, round.round, round.base, this.update(round.round, round.step)),
      200,
    )
    const receipt = json(answer) as { hash: string }
    this.receipts.set(round.round, receipt.hash)
    return true
  }

  async follow(run: string, version: number): Promise<void> {
    const path = `/federation/v1/runs/${run}/versions`
    while (this.version < version) {
      const delta = await this.site.get(`${path}/${this.version + 1}/delta`)
      if (delta.status === 404) {
        const dense = expected(await this.site.get(`${path}/${version}`), 200)
        this.weights = decodeUpdate(dense.body, this.weights.length)
        this.version = version
        return
      }
      this.weights = applyDelta(this.weights, expected(delta, 200).body)
      this.version++
    }
  }
}

import { Invitation } from '@adf/contract/federation'
import { normal, type Rng } from '@adf/detectors'
import { FederationClient, FederationError, MemoryState } from '@adf/federation'
import { type EnrolledKeys, SecureAggregationError } from '@adf/federation/secure-aggregation'

/** What rounds became for the honest ones, by outcome or by the code of what ended them. */
export type Outcomes = Record<string, number>

/** A site that keeps to the protocol, with the client of the package. */
export class HonestSite {
  readonly #client: FederationClient
  readonly #rng: Rng
  readonly #outcomes: Outcomes

  constructor(url: string, rng: Rng, outcomes: Outcomes) {
    this.#client = new FederationClient({ url, state: new MemoryState(), retries: 1, retryMs: 20 })
    this.#rng = rng
    this.#outcomes = outcomes
  }

  /** @returns id and public key */
  async enrol(url: string, name: string): Promise<readonly [string, string]> {
    const headers = { 'content-type': 'application/json' }
    const invited = await fetch(`${url}/api/invitations`, { method: 'POST', headers, body: '{}' })
    const { token } = Invitation.parse(await invited.json())
    return [await this.#client.enrol({ name, token }), await this.#client.publicKey()]
  }

  /** Asks once for work, and takes part in the round if there is one. */
  async takeTurn(run: string, peers: EnrolledKeys): Promise<void> {
    const { runs } = await this.#client.poll({ streams: ['service'], waitSeconds: 1 })
    const work = runs.find((each) => each.run === run)
    if (work === undefined) return
    const { version, weights } = await this.#client.fetchGlobal(work)
    if (work.round === null) return
    const { round } = work.round
    const values = weights.map(() => 0.001 * normal(this.#rng))
    try {
      const outcome = await this.#client.submitMasked(
        run,
        { round, base: version, values, samples: 100 },
        { peers },
      )
      this.#count(outcome.kind)
    } catch (error) {
      if (error instanceof SecureAggregationError) this.#count(`distrusted_${error.code}`)
      else if (!(error instanceof FederationError)) throw error
      // Of a round that it gave up it is asked until the first phase is over.
      else if (error.code !== 'begun_before') this.#count(error.code)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  #count(outcome: string): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
  }
}

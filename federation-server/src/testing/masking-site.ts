import { setTimeout as sleep } from 'node:timers/promises'
import { normal, seeded } from '@adf/detectors'
import {
  FederationClient,
  FederationError,
  type MaskedOutcome,
  MemoryState,
  type SecurePhase,
} from '@adf/federation'
import { RUN, type TestServer } from './test-server.ts'

/** Phases after which a site stops, by round. */
export type Leaving = (round: number, phase: SecurePhase) => boolean

/** A site that takes part in secure aggregation with the client of the package; its updates follow from its number and the round. */
export class MaskingSite {
  readonly number: number
  readonly client: FederationClient
  readonly samples: number
  /** Of the others: filled once all are enrolled. */
  peers: ReadonlyMap<string, string> = new Map()
  leaves: Leaving = () => false
  readonly outcomes: MaskedOutcome[] = []
  readonly #state: MemoryState
  readonly #stopping = new AbortController()

  constructor(url: string, number: number, state = new MemoryState()) {
    this.number = number
    this.#state = state
    this.samples = 10 * number
    this.client = new FederationClient({ url, state, retries: 1, retryMs: 20 })
  }

  /** The same site, where it believes the server to be elsewhere. */
  at(url: string): MaskingSite {
    const site = new MaskingSite(url, this.number, this.#state)
    site.peers = this.peers
    return site
  }

  /** The same client, of another server that knows it, without any weights. */
  async anew(url: string): Promise<MaskingSite> {
    const state = new MemoryState()
    const identity = await this.#state.loadIdentity()
    if (identity !== undefined) await state.saveIdentity(identity)
    const site = new MaskingSite(url, this.number, state)
    site.peers = this.peers
    return site
  }

  update(round: number, length: number): Float32Array {
    const rng = seeded(1000 * this.number + round)
    return Float32Array.from({ length }, () => 0.01 * normal(rng))
  }

  /** Ends whatever it does, with an error there. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site was stopped'))
    await this.client.close()
  }

  /** Takes part in rounds until a version is there. */
  async takePartUntil(version: number, waitSeconds = 5): Promise<void> {
    for (;;) {
      const work = (
        await this.client.poll({ streams: ['service'], waitSeconds, signal: this.#stopping.signal })
      ).runs.find(({ run }) => run === RUN)
      if (work === undefined) continue
      const global = await this.client.fetchGlobal(work)
      if (global.version >= version) return
      if (work.round === null) continue
      await this.takePart(work.round.round).catch(async (error: unknown) => {
        if (!(error instanceof FederationError) || error.code !== 'begun_before') throw error
        // It left that round, and is asked until its first phase is over.
        await sleep(50)
      })
    }
  }

  /** One round, which has asked. */
  async takePart(round: number): Promise<MaskedOutcome | undefined> {
    const held = await this.client.held(RUN)
    if (held === undefined) throw new Error('fetch the weights first')
    const leaving = new AbortController()
    const reached = (phase: SecurePhase) => {
      if (this.leaves(round, phase)) leaving.abort(new Left())
    }
    const values = this.update(round, held.weights.length)
    try {
      const outcome = await this.client.submitMasked(
        RUN,
        { round, base: held.version, values, samples: this.samples },
        { peers: this.peers, reached, signal: AbortSignal.any([leaving.signal, this.#stopping.signal]) },
      )
      this.outcomes.push(outcome)
      return outcome
    } catch (error) {
      if (error instanceof Left) return undefined
      throw error
    }
  }
}

class Left extends Error {}

/** Enrolled sites that know each other's keys. */
export async function maskingSites(server: TestServer, count: number): Promise<MaskingSite[]> {
  const sites = Array.from({ length: count }, (_, i) => new MaskingSite(server.url, i + 1))
  for (const site of sites) {
    const { token } = await server.invite()
    await site.client.enrol({ name: `site-${site.number}`, token })
  }
  const peers = await keysOf(sites)
  for (const site of sites) site.peers = peers
  return sites
}

const keysOf = async (sites: readonly MaskingSite[]): Promise<ReadonlyMap<string, string>> =>
  new Map(
    await Promise.all(
      sites.map(async ({ client }) => [(await client.clientId()) ?? '', await client.publicKey()] as const),
    ),
  )

/** Sections of the configuration under `federated`. */
export const masked = (masking: object = {}) => ({
  secure_aggregation: true,
  aggregation: { rule: 'fed_avg', pre_steps: [] },
  poisoning_detection: { enabled: false },
  masking: { threshold: 0.51, phase_deadline: '30s', ...masking },
})

/** What FedAvg makes of the weights, in float64. */
export function plainlyAveraged(
  weights: Float32Array,
  sites: readonly MaskingSite[],
  round: number,
): Float64Array {
  const next = Float64Array.from(weights)
  const total = sites.reduce((sum, { samples }) => sum + samples, 0)
  for (const site of sites) {
    const update = site.update(round, weights.length)
    for (const [i, value] of update.entries()) next[i]! += (site.samples / total) * value
  }
  return next
}

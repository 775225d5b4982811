import { createHash } from 'node:crypto'
import type { FederatedModel, RoundWork, RunWork } from '@adf/contract/federation'
import { makeWeights, specText } from '@adf/detectors'
import {
  type FederationClient,
  FederationError,
  type GlobalModel,
  type MaskedUpdate,
  refusesUpdate,
  type SecurePhase,
} from '@adf/federation'
import { SecureAggregationError } from '@adf/federation/secure-aggregation'
import { weightsHash } from '@adf/federation/weights'
import type { Logger } from '@adf/service'
import type { SharedNetwork } from '../scoring/network/shared-network.ts'
import type { FederationMetrics, MissedReason } from './metrics.ts'
import { readPeers } from './peers.ts'
import type { Standing } from './standing.ts'
import type { RoundTrainer } from './trainer.ts'
import type { TrainingResult } from './training-job.ts'
import { type Verdict, verdictOn } from './verdict.ts'

export interface SiteOptions {
  readonly client: FederationClient
  readonly trainer: RoundTrainer
  readonly metrics: FederationMetrics
  readonly standing: Standing
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>
  readonly personalise: boolean
  readonly cpuShare: number
  /** Keys of the other sites; undefined: no part in rounds by secure aggregation. */
  readonly peersFile: string | undefined
}

/** What a site does about a run: takes its global weights, trains for its rounds, and lets the better weights judge. */
export class Site {
  readonly #options: SiteOptions
  /** Runs that this site cannot take part in, told once each; as many as the server offers at most. */
  readonly #unsuitable = new Set<string>()
  /** Version of each run that was judged last. */
  readonly #judged = new Map<string, number>()
  /** Round of each run that this site could not take part in last: asked for again, it is neither tried nor counted again. */
  readonly #missed = new Map<string, number>()

  constructor(options: SiteOptions) {
    this.#options = options
  }

  /** @returns whether there was anything to do @throws FederationError; what else failed */
  async attend(work: RunWork, networks: readonly SharedNetwork[], signal: AbortSignal): Promise<boolean> {
    const { client, metrics } = this.#options
    const model = await client.model(work.run, signal)
    const network = this.#networkFor(work.run, model, networks)
    if (network === undefined) return false
    const wanted = await this.#wanted(work, network, signal)
    const held = await client.held(work.run)
    this.#options.standing.holds(work.run, network.stream, held?.version ?? 0)
    const behind = held?.version !== work.version || weightsHash(held.weights) !== work.hash
    const judging = this.#canJudge(work, network)
    if (!behind && !judging && wanted === undefined) return false
    // Held is also what the server need not tell again.
    const global = await client.fetchGlobal(work, signal)
    metrics.version.set({ stream: network.stream }, global.version)
    this.#options.standing.holds(work.run, network.stream, global.version)
    if (!judging && wanted === undefined) return true
    const before = network.weights
    const result = await this.#train(work, wanted, global, network, signal)
    if (wanted !== undefined) await this.#deliver(work.run, wanted, global, network, result, signal)
    // The site's own were trained meanwhile: the global ones are compared with those the next time.
    if (judging && network.weights === before) {
      await this.#judge(work.run, global, network, result)
      this.#judged.set(work.run, work.version)
    }
    return true
  }

  /** Version 0 is random weights: something to train, nothing to judge by. Later ones are compared as soon as there is something to compare on. */
  #canJudge({ run, version }: RunWork, network: SharedNetwork): boolean {
    if (version === 0 || this.#judged.get(run) === version) return false
    return network.weights === undefined || network.hasHeldOut
  }

  /** The round to train for. What waits from before goes first: the same bytes again, not another update. */
  async #wanted(
    { run, round }: RunWork,
    network: SharedNetwork,
    signal: AbortSignal,
  ): Promise<RoundWork | undefined> {
    const { client } = this.#options
    const waiting = await client.waiting(run)
    if (waiting !== undefined) {
      await client.redeliver(run, signal).catch((error: unknown) => {
        if (!refusesUpdate(error)) throw error
        this.#miss(run, waiting.round, 'refused', error.message)
      })
      if (waiting.round === round?.round) return undefined
    }
    if (round === null || this.#missed.get(run) === round.round) return undefined
    if (round.secure_aggregation && this.#options.peersFile === undefined) {
      this.#miss(
        run,
        round.round,
        'no_peers',
        'it asks for secure aggregation: set federation.peers_file to the keys of the other sites',
      )
      return undefined
    }
    if (!network.hasData) {
      this.#miss(run, round.round, 'too_little_data', 'no run of normal vectors is full yet')
      return undefined
    }
    return round
  }

  async #train(
    { run }: RunWork,
    wanted: RoundWork | undefined,
    global: GlobalModel,
    network: SharedNetwork,
    signal: AbortSignal,
  ): Promise<TrainingResult> {
    const { client, trainer, metrics, personalise, cpuShare } = this.#options
    const { training, heldOut } = network.runs()
    const job = {
      network: network.network,
      features: network.features,
      global: global.weights,
      own: network.weights?.values,
      training,
      heldOut,
      round: wanted ? { training: wanted.training, privacy: wanted.privacy } : undefined,
      personalise,
      seed: seedOf(`${await client.clientId()} ${run} ${global.version}`),
      cpuShare,
    }
    const result = training.length + heldOut.length === 0 ? NO_RESULT : await trainer.train(job, signal)
    metrics.cpu.inc(result.cpuMs / 1000)
    for (const [weights, loss] of Object.entries(result.losses))
      if (Number.isFinite(loss)) metrics.loss.set({ stream: network.stream, weights }, loss)
    return result
  }

  async #deliver(
    run: string,
    { round, step, secure_aggregation }: RoundWork,
    global: GlobalModel,
    network: SharedNetwork,
    { round: outcome }: TrainingResult,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, log } = this.#options
    if (outcome === undefined) return
    if (outcome.kind === 'nothing') {
      this.#miss(run, round, outcome.reason, outcome.detail)
      return
    }
    const { update: values, samples, loss } = outcome
    if (secure_aggregation) {
      const update = { round, base: global.version, values, samples }
      if (await this.#deliverMasked(run, update, signal)) this.#counted(run, round, network)
      return
    }
    try {
      const receipt = await client.submit(
        run,
        { round, base: global.version, values, samples, loss, step },
        signal,
      )
      this.#counted(run, receipt.round, network)
      log.info({ run, round: receipt.round, samples, loss, late: receipt.late }, 'update delivered')
    } catch (error) {
      if (!refusesUpdate(error)) throw error
      this.#miss(run, round, 'refused', error.message)
    }
  }

  /** @returns whether it counted */
  async #deliverMasked(run: string, update: MaskedUpdate, signal: AbortSignal): Promise<boolean> {
    const { client, log, peersFile = '' } = this.#options
    const { round, samples } = update
    let peers: ReadonlyMap<string, string>
    try {
      peers = await readPeers(peersFile)
    } catch (error) {
      this.#miss(run, round, 'no_peers', error instanceof Error ? error.message : String(error))
      return false
    }
    try {
      const reached = (phase: SecurePhase) => log.debug({ run, round, phase }, 'secure aggregation')
      const outcome = await client.submitMasked(run, update, { peers, reached, signal })
      if (outcome.kind !== 'counted') {
        this.#miss(run, round, outcome.kind, outcome.reason)
        return false
      }
      const { clipped } = outcome
      log.info({ run, round, samples, clipped }, 'masked update counted')
      return true
    } catch (error) {
      if (error instanceof SecureAggregationError)
        this.#miss(run, round, 'distrusted', `${error.code}: ${error.message}`)
      else if (isFederationError(error, 'begun_before')) this.#miss(run, round, 'dropped_out', error.message)
      else if (isFederationError(error, 'bad_answer')) this.#miss(run, round, 'distrusted', error.message)
      else if (refusesUpdate(error)) this.#miss(run, round, 'refused', error.message)
      else throw error
      return false
    }
  }

  async #judge(
    run: string,
    global: GlobalModel,
    network: SharedNetwork,
    result: TrainingResult,
  ): Promise<void> {
    const { metrics, log } = this.#options
    const { losses, personal } = result
    const verdict: Verdict = verdictOn(losses, network.weights !== undefined, network.hasHeldOut)
    metrics.weights.inc({ stream: network.stream, verdict })
    const told = { run, version: global.version, ...losses }
    if (verdict === 'first' || verdict === 'taken') {
      const version = (network.weights?.version ?? 0) + 1
      await network.adopt(makeWeights(network.network, personal ?? global.weights, version))
      log.info(told, verdict === 'first' ? 'begins with the global weights' : 'the global weights are taken')
    } else log.info(told, 'the global weights are worse here: they are not taken')
  }

  #counted(run: string, round: number, { stream }: SharedNetwork): void {
    this.#options.metrics.rounds.inc({ stream })
    this.#options.standing.counted(run, round)
  }

  #miss(run: string, round: number, reason: MissedReason, detail: string): void {
    const { metrics, standing, log } = this.#options
    this.#missed.set(run, round)
    metrics.missed.inc({ reason })
    standing.missed(run, detail)
    const tell = reason === 'too_little_data' ? log.debug : log.warn
    tell.call(log, { run, round, reason }, `no part in a round: ${detail}`)
  }

  /** The network that the run is about, if this site has it. */
  #networkFor(
    run: string,
    model: FederatedModel,
    networks: readonly SharedNetwork[],
  ): SharedNetwork | undefined {
    const names = model.features.join('\n')
    const spec = specText(model.network)
    const found = networks.find(
      (network) =>
        network.stream === model.stream &&
        specText(network.network) === spec &&
        network.features.map(({ name }) => name).join('\n') === names,
    )
    if (found === undefined && !this.#unsuitable.has(run)) {
      const { stream, network, features } = model
      this.#unsuitable.add(run)
      this.#options.standing.unsuitable(run, stream, UNSUITABLE)
      this.#options.log.warn({ run, stream, network, features }, `${UNSUITABLE}: no part in this run`)
    }
    return found
  }
}

const UNSUITABLE = 'no stream here has such features and such a network among its detectors'

const isFederationError = (error: unknown, code: string): error is FederationError =>
  error instanceof FederationError && error.code === code

/** Of a site that has no data yet. */
const NO_RESULT: TrainingResult = {
  round: undefined,
  personal: undefined,
  losses: { global: Number.NaN, personal: Number.NaN, own: Number.NaN },
  cpuMs: 0,
}

/** The same round is trained in the same order again, other sites' in another. */
const seedOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE()

import type { FederatedModel, Receipt, Work } from '@adf/contract/federation'
import { weightsHash } from '../model/weight-bytes.ts'
import type { EnrolledKeys } from '../secure-aggregation/index.ts'
import type { ClientState, RunMemory } from '../state/client-state.ts'
import { Delivery, type LocalUpdate } from './delivery.ts'
import { FederationError } from './federation-error.ts'
import { GlobalWeights, type Latest } from './global-weights.ts'
import { Identities, type Invited } from './identities.ts'
import { Protocol } from './protocol.ts'
import { type MaskedOutcome, type MaskedUpdate, playSecureRound, type SecurePhase } from './secure-round.ts'
import { ServerClock } from './server-clock.ts'
import { type Traffic, Transport, type TransportOptions } from './transport.ts'

export interface FederationClientOptions extends TransportOptions {
  /** What is remembered over restarts; one client at a time uses it. */
  readonly state: ClientState
  /** Milliseconds since 1970. Default: the wall clock. */
  readonly clock?: () => number
}

export interface PollOptions {
  /** Streams that there are data of, to train on. */
  readonly streams: readonly string[]
  /** Further streams whose weights are wanted, without a part in rounds. Default: none. */
  readonly watching?: readonly string[]
  /** So long the server may hold its answer back while there is nothing to do. Default 0. */
  readonly waitSeconds?: number
  readonly signal?: AbortSignal
}

export interface MaskedOptions {
  /** Public keys of enrolment of the other clients by id, from another source than the server: it could put in its own. */
  readonly peers: EnrolledKeys
  /** Told of each phase that the round comes to. */
  readonly reached?: (phase: SecurePhase) => void
  readonly signal?: AbortSignal
}

/** A version of the global weights of a run. */
export interface GlobalModel {
  readonly model: FederatedModel
  readonly version: number
  /** Not to be written to. */
  readonly weights: Float32Array
}

/** As many as `holding` of the protocol has room for. */
const MOST_RUNS = 64

/**
 * A site's end of federated training (docs/formats/federation.md): enrols, asks for work, takes the global weights, and hands over what
 * was learned. It can be stopped and started again at any point: what it must know is in its state, kept before it is told to the server.
 *
 * Every method throws a FederationError, and leaves what is remembered as it was, when the server cannot be reached, refuses, or answers
 * something that is not of the protocol. At most one call at a time for the same run.
 */
export class FederationClient {
  readonly #state: ClientState
  readonly #clock: ServerClock
  readonly #transport: Transport
  readonly #protocol: Protocol
  readonly #identities: Identities
  readonly #global: GlobalWeights
  readonly #delivery: Delivery
  readonly #memories = new Map<string, RunMemory>()
  readonly #models = new Map<string, FederatedModel>()
  #offered: readonly string[] = []

  /** @throws TypeError for a URL that is none */
  constructor({ state, clock = Date.now, ...transport }: FederationClientOptions) {
    this.#state = state
    this.#clock = new ServerClock(clock)
    this.#transport = new Transport(transport, this.#clock)
    this.#protocol = new Protocol(this.#transport)
    this.#identities = new Identities(state, this.#protocol)
    this.#global = new GlobalWeights(this.#protocol)
    this.#delivery = new Delivery(this.#protocol, state)
  }

  /** The server's clock, as far as it is known. */
  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** The id that the server knows this client by; undefined: it is not enrolled. */
  async clientId(): Promise<string | undefined> {
    return (await this.#identities.enrolled())?.clientId
  }

  /** Its public key, by which the other clients of secure aggregation know it. */
  async publicKey(): Promise<string> {
    return this.#identities.publicKey()
  }

  /** Enrols with a one-time token, once: who is enrolled already is asked nothing. @returns the client's id */
  async enrol(invited: Invited): Promise<string> {
    const known = await this.clientId()
    if (known !== undefined) return known
    const { client_id, time } = await this.#identities.enrol(invited)
    this.#clock.learn(Date.parse(time))
    return client_id
  }

  /** Tells what is held, and asks what to do. */
  async poll({ streams, watching = [], waitSeconds = 0, signal }: PollOptions): Promise<Work> {
    const holding = []
    for (const run of (await this.#state.runs()).slice(0, MOST_RUNS)) {
      const memory = await this.#memory(run)
      if (memory !== undefined)
        holding.push({ run, version: memory.version, hash: weightsHash(memory.weights) })
    }
    const request = { holding, streams: [...streams], watching: [...watching], wait_seconds: waitSeconds }
    const work = await this.#protocol.work(request, await this.#identities.credentials(), signal)
    this.#clock.learn(Date.parse(work.time))
    this.#offered = work.runs.map(({ run }) => run)
    return work
  }

  /** What a run trains; asked once. */
  async model(run: string, signal?: AbortSignal): Promise<FederatedModel> {
    const known = (await this.#memory(run))?.model ?? this.#models.get(run)
    if (known !== undefined) return known
    const model = await this.#global.model(run, await this.#identities.credentials(), signal)
    if (this.#models.size >= MOST_RUNS) this.#models.clear()
    this.#models.set(run, model)
    return model
  }

  /** Bytes of bodies so far, retries included. */
  get traffic(): Traffic {
    return this.#transport.traffic
  }

  /** What is held of a run without asking; undefined: nothing. */
  async held(run: string): Promise<GlobalModel | undefined> {
    return this.#memory(run)
  }

  /**
   * The latest global weights, by deltas where they are few, and checked against the server's hash. After a resync what was owed is
   * dropped, and so is an update that waited.
   */
  async fetchGlobal(latest: Latest, signal?: AbortSignal): Promise<GlobalModel> {
    try {
      return await this.#follow(latest, signal)
    } catch (error) {
      const known = (await this.#memory(latest.run))?.model
      if (known === undefined || !isAboutWeights(error)) throw error
      // The server may have begun another run under the same name.
      const model = await this.#global.model(latest.run, await this.#identities.credentials(), signal)
      if (JSON.stringify(model) === JSON.stringify(known)) throw error
      await this.#remember(latest.run, undefined)
      return this.#follow(latest, signal)
    }
  }

  /** The update that waits to be acknowledged, if any: `submit` for its round, or `redeliver`, sends the same bytes again. */
  async waiting(run: string): Promise<{ readonly round: number } | undefined> {
    return (await this.#memory(run))?.pending
  }

  /**
   * Hands an update over. An update of the same round that waits already is sent instead, as it was; one of an earlier round is sent first.
   *
   * @throws FederationError; when it is `retryable` or about the client itself, the update waits and can be redelivered. UpdateError
   *   `out_of_range`, before anything is kept, for values that are not finite
   */
  async submit(run: string, update: LocalUpdate, signal?: AbortSignal): Promise<Receipt> {
    let memory = await this.#held(run)
    if (memory.pending !== undefined && memory.pending.round !== update.round) {
      const refused = await this.redeliver(run, signal).then(
        () => undefined,
        (error: unknown) => error,
      )
      memory = await this.#held(run)
      // Refused for good, it is out of the way; else it must go first.
      if (memory.pending !== undefined) throw refused
    }
    if (memory.pending?.round !== update.round) {
      const cap = (await this.#identities.enrolled())?.sampleCap ?? 1
      memory = await this.#delivery.prepare(run, memory, {
        ...update,
        samples: Math.min(cap, update.samples),
      })
      this.#memories.set(run, memory)
    }
    return this.#send(run, memory, signal)
  }

  /**
   * Hands an update over that nobody sees by itself: the server learns the mean of all (docs/formats/secure-aggregation.md). Takes as long as the phases of the
   * round last. What is owed from compression stays owed.
   *
   * A round is begun once, ever: that it was is kept before anything is told to the server, and what was begun and not ended is given up after a restart.
   *
   * @throws FederationError `begun_before`, and as `submit`; SecureAggregationError when what the server or a peer says does not hold
   */
  async submitMasked(run: string, update: MaskedUpdate, options: MaskedOptions): Promise<MaskedOutcome> {
    const { peers, reached, signal } = options
    const memory = await this.#held(run)
    const { round, samples } = update
    if (memory.secureRound !== undefined && round <= memory.secureRound) {
      const detail = `round ${round} of ${run} was begun before, or round ${memory.secureRound} after it`
      throw new FederationError({ code: 'begun_before', detail })
    }
    const enrolled = await this.#identities.enrolled()
    if (enrolled === undefined)
      throw new FederationError({ code: 'not_enrolled', detail: 'enrol with a one-time token first' })
    const { clientId, sampleCap } = enrolled
    const keys = new Map(peers).set(clientId, await this.#identities.publicKey())
    await this.#remember(run, { ...memory, secureRound: round })
    return playSecureRound({
      protocol: this.#protocol,
      run,
      update: { ...update, samples: Math.min(sampleCap, samples) },
      clientId,
      enrolled: keys,
      credentials: () => this.#identities.credentials(),
      nowMs: () => this.nowMs(),
      reached,
      signal,
    })
  }

  /** Sends what waits, again. @throws FederationError `nothing_waits` when there is nothing */
  async redeliver(run: string, signal?: AbortSignal): Promise<Receipt> {
    return this.#send(run, await this.#held(run), signal)
  }

  /** Changes the key. The old one holds until the server has said that the new one does. */
  async rotateKey(): Promise<void> {
    await this.#identities.rotate()
  }

  /** Ends its connections. What is remembered stays. */
  close(): Promise<void> {
    return this.#transport.close()
  }

  async #follow(latest: Latest, signal?: AbortSignal): Promise<GlobalModel> {
    const held = await this.#memory(latest.run)
    const model = await this.model(latest.run, signal)
    const next = await this.#global.latest(model, held, latest, await this.#identities.credentials(), signal)
    if (next === held) return next
    if (held === undefined) await this.#makeRoom()
    // Also after a resync: it is not a matter of weights.
    const kept = { ...next, secureRound: held?.secureRound }
    await this.#remember(latest.run, kept)
    return kept
  }

  async #send(run: string, memory: RunMemory, signal?: AbortSignal): Promise<Receipt> {
    const { pending } = memory
    if (pending === undefined)
      throw new FederationError({ code: 'nothing_waits', detail: `no update of ${run} waits` })
    const remember = (next: RunMemory | undefined) => this.#remember(run, next)
    const as = await this.#identities.credentials()
    const receipt = await this.#delivery.send(run, memory, pending, remember, as, signal)
    this.#clock.learn(Date.parse(receipt.time))
    return receipt
  }

  async #held(run: string): Promise<RunMemory> {
    const memory = await this.#memory(run)
    if (memory === undefined)
      throw new FederationError({ code: 'nothing_held', detail: `fetch the weights of ${run} first` })
    return memory
  }

  async #memory(run: string): Promise<RunMemory | undefined> {
    const known = this.#memories.get(run) ?? (await this.#state.loadRun(run))
    if (known !== undefined) this.#memories.set(run, known)
    return known
  }

  async #remember(run: string, next: RunMemory | undefined): Promise<void> {
    if (next === undefined) {
      await this.#state.forgetRun(run)
      this.#memories.delete(run)
      this.#models.delete(run)
      return
    }
    await this.#state.saveRun(run, next)
    this.#memories.set(run, next)
  }

  /** Runs that the server does not offer any more give way. */
  async #makeRoom(): Promise<void> {
    const runs = await this.#state.runs()
    if (runs.length < MOST_RUNS) return
    for (const run of runs) if (!this.#offered.includes(run)) await this.#remember(run, undefined)
  }
}

const isAboutWeights = (error: unknown): boolean =>
  error instanceof FederationError && (error.code === 'bad_answer' || error.code === 'wrong_weights')

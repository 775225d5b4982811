import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureParameters, SecureRoundState } from '@adf/contract/federation'
import {
  decodeAdvertisement,
  decodeConfirmation,
  decodeReceivedShares,
  type EnrolledKeys,
  encodeAdvertisement,
  encodeAnswer,
  encodeConfirmation,
  encodeShares,
  encodeTerms,
  MaskingClient,
  secureRoundOf,
} from '../secure-aggregation/index.ts'
import { FederationError } from './federation-error.ts'
import type { Protocol, SecureStepName } from './protocol.ts'
import type { Credentials } from './transport.ts'

/** What a site has learned in a round whose updates nobody is to see. */
export interface MaskedUpdate {
  readonly round: number
  /** Version of the global weights that it began with. */
  readonly base: number
  /** Local weights less global ones. */
  readonly values: Float32Array
  /** Vectors that it was trained on. */
  readonly samples: number
}

/** What became of a masked update. */
export type MaskedOutcome =
  | {
      /** It is in the mean that the server has. */
      readonly kind: 'counted'
      /** Values that were cut to ± the clipping limit of the round. */
      readonly clipped: number
    }
  | {
      /** `abandoned`: the round ended without a result; `dropped_out`: it went on without this client. */
      readonly kind: 'abandoned' | 'dropped_out'
      readonly reason: string
    }

export type SecurePhase = SecureRoundState['phase']

export interface SecureRoundOptions {
  readonly protocol: Protocol
  readonly run: string
  readonly update: MaskedUpdate
  readonly clientId: string
  /** Keys of enrolment of the others, and this client's own. */
  readonly enrolled: EnrolledKeys
  /** To sign requests with. */
  readonly credentials: () => Promise<Credentials>
  readonly nowMs: () => number
  /** Told of each phase that the round comes to. */
  readonly reached?: ((phase: SecurePhase) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const PHASES: readonly SecurePhase[] = [
  'advertising',
  'sharing',
  'masking',
  'confirming',
  'unmasking',
  'over',
]
/** How long the server may hold an answer back. */
const WAIT_S = 20
/** Beyond the deadline of a phase: that a server which is away may come back, and takes the masks off. */
const PATIENCE_MS = 120_000
const BETWEEN_MS = 500

/** The state of one phase. */
type At<P extends SecurePhase> = Extract<SecureRoundState, { phase: P }>

/**
 * A client's part of one round of secure aggregation, over HTTP. Its secrets are in memory alone: it is played once, from its begin to its end. The same messages
 * are sent again when an answer is lost; what the server says is checked by the client of the protocol before anything further leaves the site.
 *
 * @throws SecureAggregationError when a check fails: nothing more is told to the server then. FederationError when it cannot be reached
 *   for longer than the phase lasts, or refuses; the reason of the signal
 */
export async function playSecureRound(options: SecureRoundOptions): Promise<MaskedOutcome> {
  return new SecureRoundPlay(options).play()
}

/** The round went on without this client, or ended. */
class Out extends Error {
  readonly outcome: MaskedOutcome

  constructor(outcome: MaskedOutcome) {
    super(outcome.kind)
    this.outcome = outcome
  }
}

class SecureRoundPlay {
  readonly #options: SecureRoundOptions
  #parameters: SecureParameters | undefined
  #deadlineMs: number

  constructor(options: SecureRoundOptions) {
    this.#options = options
    this.#deadlineMs = options.nowMs()
  }

  async play(): Promise<MaskedOutcome> {
    try {
      return await this.#steps()
    } catch (error) {
      if (error instanceof Out) return error.outcome
      throw error
    }
  }

  async #steps(): Promise<MaskedOutcome> {
    const { run, update, clientId, enrolled, credentials } = this.#options
    const { parameters } = this.#at('advertising', await this.#state(undefined))
    this.#checkParameters(parameters)
    // The key that this round is signed with stays the same, even if requests come to be signed with another.
    const { privateKey: signingKey } = await credentials()
    const round = secureRoundOf(run, update.round, parameters)
    const client = new MaskingClient({ round, clientId, signingKey, random: randomBytes })
    await this.#send('keys', encodeAdvertisement(client.advertise()))

    const sharing = this.#at('sharing', await this.#state('advertising'))
    const sealed = await client.share(sharing.clients.map(decodeAdvertisement), enrolled)
    await this.#send('shares', encodeShares(sealed))

    const masking = this.#at('masking', await this.#state('sharing'))
    const received = decodeReceivedShares(clientId, masking.shares)
    const { terms, clipped } = client.mask(received, update.values, update.samples)
    await this.#send('input', encodeTerms(terms))

    const confirming = this.#at('confirming', await this.#state('masking'))
    await this.#send('confirmation', encodeConfirmation(client.confirm(confirming)))

    const unmasking = this.#at('unmasking', await this.#state('confirming'))
    const answer = client.unmask(unmasking, unmasking.confirmations.map(decodeConfirmation))
    await this.#send('answer', encodeAnswer(answer))

    const { reason } = this.#at('over', await this.#state('unmasking'))
    return reason === null ? { kind: 'counted', clipped } : { kind: 'abandoned', reason }
  }

  /** A round of other weights, or of another length, would put something else into the sum. */
  #checkParameters({ base, length }: SecureParameters): void {
    const { update } = this.#options
    if (base === update.base && length === update.values.length) return
    const detail = `the round is of version ${base} with ${length} weights, not of ${update.base} with ${update.values.length}`
    throw new FederationError({ code: 'bad_answer', detail })
  }

  #at<P extends SecurePhase>(phase: P, state: SecureRoundState): At<P> {
    if (isAt(state, phase)) return state
    if (state.phase === 'over' && state.reason !== null)
      throw new Out({ kind: 'abandoned', reason: state.reason })
    throw new Out({ kind: 'dropped_out', reason: `the round is ${state.phase} already, not ${phase}` })
  }

  /** Where the round is when that is no longer `after`. */
  async #state(after: Exclude<SecurePhase, 'over'> | undefined): Promise<SecureRoundState> {
    const { protocol, run, update, credentials, nowMs, reached, signal } = this.#options
    for (;;) {
      const state = await this.#patiently(async () =>
        protocol.secureRound(
          run,
          update.round,
          { after, wait_seconds: after === undefined ? 0 : WAIT_S },
          await credentials(),
          signal,
        ),
      )
      this.#checkSame(state)
      this.#deadlineMs = Math.max(this.#deadlineMs, Date.parse(state.deadline))
      if (after === undefined || PHASES.indexOf(state.phase) > PHASES.indexOf(after)) {
        reached?.(state.phase)
        signal?.throwIfAborted()
        return state
      }
      if (state.phase !== after) {
        const detail = `the round went back from ${after} to ${state.phase}`
        throw new FederationError({ code: 'bad_answer', detail })
      }
      if (nowMs() > this.#deadlineMs + PATIENCE_MS)
        throw new FederationError({ code: 'timeout', detail: `the round stays ${after} beyond its deadline` })
    }
  }

  /** That it is this round, with the parameters that were looked at. */
  #checkSame({ run, round, parameters }: SecureRoundState): void {
    const { run: expected, update } = this.#options
    this.#parameters ??= parameters
    if (
      run === expected &&
      round === update.round &&
      JSON.stringify(parameters) === JSON.stringify(this.#parameters)
    )
      return
    const detail = `the state of another round, or with other parameters than before`
    throw new FederationError({ code: 'bad_answer', detail })
  }

  async #send(step: SecureStepName, message: object | Uint8Array): Promise<void> {
    const { protocol, run, update, credentials, signal } = this.#options
    try {
      await this.#patiently(async () =>
        protocol.sendSecure(run, update.round, step, message, await credentials(), signal),
      )
    } catch (error) {
      if (!(error instanceof FederationError)) throw error
      // With enough answers the round is over before the last ones come.
      if (step === 'answer' && (error.code === 'too_late' || error.code === 'wrong_step')) return
      if (error.code === 'too_late' || error.code === 'wrong_step' || error.code === 'step_conflict')
        throw new Out({ kind: 'dropped_out', reason: error.message })
      throw error
    }
  }

  /** Again while the phase may last: a server that is started again knows where the round is. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { nowMs, signal } = this.#options
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        signal?.throwIfAborted()
        const retryable = error instanceof FederationError && error.retryable
        if (!retryable || nowMs() > this.#deadlineMs + PATIENCE_MS) throw error
        await sleep(BETWEEN_MS, undefined, { ...(signal && { signal }) })
      }
    }
  }
}

const isAt = <P extends SecurePhase>(state: SecureRoundState, phase: P): state is At<P> =>
  state.phase === phase

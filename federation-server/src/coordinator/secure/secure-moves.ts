import { createHash } from 'node:crypto'
import { SecureAnswer, SecureKeys } from '@adf/contract/federation'
import { weightCount } from '@adf/detectors'
import { UpdateError } from '@adf/detectors/update'
import {
  decodeAdvertisement,
  decodeAnswer,
  rosterOf,
  SecureAggregationError,
  secureRoundOf,
} from '@adf/federation/secure-aggregation'
import { weightBytes, weightsOf } from '@adf/federation/weights'
import type { ServerOptimiser } from '../../aggregate/optimiser/server-optimiser.ts'
import { release } from '../../round/release.ts'
import type { Move, Round } from '../../round/round.ts'
import { parametersOf } from '../../round/secure/parameters.ts'
import { nextPhases } from '../../round/secure/phases.ts'
import type { RunSettings } from '../../round/settings.ts'
import { decodeOptimiser, encodeOptimiser } from '../../round/state-codec.ts'
import type { SecureRoundRow } from '../../store/secure-store.ts'
import type { RoundChange, Store } from '../../store/store.ts'
import { norm } from '../../vector/vector.ts'
import { orderOf } from '../order.ts'
import type { UnmaskJob, UnmaskOutcome } from './unmask-job.ts'
import { type MaskedBody, unmaskInThread } from './unmasker.ts'

export interface SecureMovesOptions {
  readonly name: string
  readonly settings: RunSettings
  readonly store: Store
  readonly optimiser: ServerOptimiser
  readonly clock: () => number
}

/** What a move writes beside the round itself; with `abandon` the round ends instead, for this reason. */
type SecureChange =
  | (Pick<RoundChange, 'selected' | 'work' | 'secure' | 'committed'> & {
      readonly audit?: RoundChange['audit']
    })
  | { readonly abandon: string }

/** The durable steps of rounds of secure aggregation: what each writes follows from the database alone, as for all rounds. */
export class SecureMoves {
  readonly #options: SecureMovesOptions
  readonly #count: number

  constructor(options: SecureMovesOptions) {
    this.#options = options
    this.#count = weightCount(options.settings.model.network)
  }

  /** undefined: it is the move of another round, or nothing is particular about it. @param last of the run, if it is committed */
  async changeOf(
    move: Exclude<Move, { kind: 'wait' | 'open' | 'abandon' }>,
    round: Round,
    last: boolean,
  ): Promise<SecureChange | undefined> {
    const { name, settings, store } = this.#options
    if (move.kind === 'select') {
      if (!settings.secureAggregation) return undefined
      const { length: clients } = move.clients
      const begin = parametersOf(settings, { clients, base: round.base, length: this.#count })
      return { selected: move.clients, secure: { begin } }
    }
    const row = await store.secure.get(name, round.number)
    if (row === undefined) return undefined
    if ('phaseDeadlineMs' in move) return this.#nextPhase(row, move.phaseDeadlineMs)
    if (move.kind === 'configure') return { work: JSON.stringify(orderOf(settings, round.number, true)) }
    if (move.kind === 'aggregate') return this.#aggregated(row, last)
    return {}
  }

  async #nextPhase(row: SecureRoundRow, deadlineMs: number): Promise<SecureChange> {
    const from = row.phase
    if (from === 'unmasking') throw new Error(`round ${row.round.number}: nothing follows ${from}`)
    if (from === 'advertising') {
      const fault = await this.#rosterFault(row)
      if (fault !== undefined) return { abandon: fault }
    }
    return { secure: { phase: { from, to: nextPhases[from].to, deadlineMs } } }
  }

  /** Clients would refuse such a list; each key by itself was looked at when it came. */
  async #rosterFault(row: SecureRoundRow): Promise<string | undefined> {
    const { advertisements, enrolled } = await this.#keys(row)
    try {
      rosterOf(this.#secureRound(row), advertisements, enrolled)
      return undefined
    } catch (error) {
      if (error instanceof SecureAggregationError) return `${error.code}: ${error.message}`
      throw error
    }
  }

  async #aggregated(row: SecureRoundRow, last: boolean): Promise<SecureChange> {
    const { name, settings, store, optimiser, clock } = this.#options
    const { round } = row
    const survivors = await store.secure.clients(name, round.number, 'input')
    const outcome = await this.#unmasked(row, survivors)
    if (outcome.kind === 'refused') return { abandon: `${outcome.code}: ${outcome.detail}` }
    const memory = await store.runs.memory(name)
    const held = (await store.runs.version(name, round.base))?.weights
    if (memory === undefined || held === undefined)
      throw new Error(`${name}: version ${round.base} has no weights`)
    const weights = weightsOf(memory.weights, this.#count)
    const length = norm(outcome.mean)
    const most = settings.maxNormRatio * norm(weights)
    // What the door says of single updates can be said of their mean only.
    if (!(length <= most))
      return {
        abandon: `the norm of the mean is ${length.toPrecision(3)}, at most ${most.toPrecision(3)} is taken`,
      }
    const state =
      memory.optimiser === undefined
        ? optimiser.begin(this.#count)
        : decodeOptimiser(memory.optimiser, this.#count)
    try {
      const made = optimiser.step(weights, outcome.mean, state)
      const released = release(weightsOf(held, this.#count), made.weights, settings.quantisation.down)
      const advertised = await store.secure.clients(name, round.number, 'keys')
      const leftOut = advertised
        .filter((id) => !survivors.includes(id))
        .map((id) => ({ id, reason: 'dropped_out' }))
      const version = round.base + 1
      const bytes = weightBytes(made.weights)
      return {
        committed: {
          version,
          hash: released.hash,
          weights: weightBytes(released.weights),
          delta: released.delta,
          memory: { weights: bytes, optimiser: encodeOptimiser(made.state) },
          used: survivors,
          leftOut,
          loss: undefined,
          history: settings.history,
          last,
        },
        audit: [
          {
            atMs: clock(),
            actor: 'server',
            action: 'round.committed',
            subject: `${name}/${round.number}`,
            detail: {
              version,
              hash: released.hash,
              aggregated: sha256(bytes),
              secure_aggregation: true,
              clients: sha256(survivors.join('\n')),
              used: survivors.length,
              left_out: leftOut.length,
              samples: outcome.weight,
            },
          },
        ],
      }
    } catch (error) {
      if (error instanceof UpdateError || error instanceof RangeError) return { abandon: error.message }
      throw error
    }
  }

  async #unmasked(row: SecureRoundRow, survivors: readonly string[]): Promise<UnmaskOutcome> {
    const { name, store } = this.#options
    const { number } = row.round
    const { advertisements, enrolled } = await this.#keys(row)
    const answers = await store.secure.messages(name, number, 'answer')
    const job: UnmaskJob = {
      round: this.#secureRound(row),
      advertisements,
      enrolled,
      sharers: await store.secure.clients(name, number, 'shares'),
      answers: answers.map(({ clientId, body }) =>
        decodeAnswer(clientId, SecureAnswer.parse(JSON.parse(Buffer.from(body).toString()))),
      ),
    }
    return unmaskInThread(job, this.#inputs(number, survivors))
  }

  async *#inputs(round: number, survivors: readonly string[]): AsyncGenerator<MaskedBody> {
    const { name: run, store } = this.#options
    for (const clientId of survivors) {
      const bytes = await store.secure.message({ run, round, step: 'input', clientId })
      if (bytes === undefined) throw new Error(`${run}: the masked input of ${clientId} is gone`)
      yield { clientId, bytes }
    }
  }

  async #keys({ round }: SecureRoundRow): Promise<Pick<UnmaskJob, 'advertisements' | 'enrolled'>> {
    const { name, store } = this.#options
    const messages = await store.secure.messages(name, round.number, 'keys')
    return {
      advertisements: messages.map(({ body }) =>
        decodeAdvertisement(SecureKeys.parse(JSON.parse(Buffer.from(body).toString()))),
      ),
      enrolled: new Map(messages.map(({ clientId, publicKey = '' }) => [clientId, publicKey])),
    }
  }

  #secureRound({ round, parameters }: SecureRoundRow) {
    return secureRoundOf(this.#options.name, round.number, parameters)
  }
}

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

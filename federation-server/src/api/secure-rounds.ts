import { setImmediate as breathe } from 'node:timers/promises'
import { SecureConfirmation, SecureKeys, type SecureRoundState, SecureShares } from '@adf/contract/federation'
import {
  decodeAdvertisement,
  type EnrolledKeys,
  type Roster,
  rosterOf,
  secureRoundOf,
  type UnmaskRequest,
} from '@adf/federation/secure-aggregation'
import { isOver } from '../round/round.ts'
import type { SecureRoundRow, SecureStore } from '../store/secure-store.ts'

/** Who took part in a round of secure aggregation, and what was sent to whom: each fixed once its phase is over. */
interface Known {
  readonly round: number
  readonly phase: string
  readonly keys: Once<readonly SecureKeys[]>
  readonly roster: Once<{ readonly roster: Roster; readonly enrolled: EnrolledKeys }>
  readonly lists: Once<UnmaskRequest>
  readonly envelopes: Once<ReadonlyMap<string, readonly Envelope[]>>
}

/** Something that is read once, however many ask; again after it could not be. */
class Once<T> {
  readonly #read: () => Promise<T>
  #value: Promise<T> | undefined

  constructor(read: () => Promise<T>) {
    this.#read = read
  }

  get(): Promise<T> {
    this.#value ??= this.#read().catch((error: unknown) => {
      this.#value = undefined
      throw error
    })
    return this.#value
  }
}

interface Envelope {
  readonly sender: string
  readonly envelope: string
}

/** Rounds of secure aggregation as clients see them. Of each run it remembers one phase of one round, so that nothing is read anew for each client. */
export class SecureRounds {
  readonly #store: SecureStore
  readonly #known = new Map<string, Known>()

  constructor(store: SecureStore) {
    this.#store = store
  }

  /** Checked keys of all who advertised; in a phase after the first. */
  roster(run: string, row: SecureRoundRow) {
    return this.#knownOf(run, row).roster.get()
  }

  /** Survivors, and the others who sent shares; in a phase after masking. */
  lists(run: string, row: SecureRoundRow): Promise<UnmaskRequest> {
    return this.#knownOf(run, row).lists.get()
  }

  /** @param clientId who asks */
  async state(run: string, row: SecureRoundRow, clientId: string): Promise<SecureRoundState> {
    const { round, phase, parameters } = row
    const deadlineMs = row.deadlineMs ?? round.deadlineMs ?? round.openedMs
    const always = { run, round: round.number, parameters, deadline: new Date(deadlineMs).toISOString() }
    if (isOver(round.state)) return { phase: 'over', ...always, reason: round.reason ?? null }
    switch (phase) {
      case 'advertising':
        return { phase, ...always }
      case 'sharing':
        return { phase, ...always, clients: [...(await this.#knownOf(run, row).keys.get())] }
      case 'masking': {
        const envelopes = await this.#knownOf(run, row).envelopes.get()
        return { phase, ...always, shares: [...(envelopes.get(clientId) ?? [])] }
      }
      case 'confirming':
        return { phase, ...always, ...copy(await this.lists(run, row)) }
      case 'unmasking': {
        const messages = await this.#store.messages(run, round.number, 'confirmation')
        const confirmations = messages.map(({ body }) => SecureConfirmation.parse(jsonOf(body)))
        return { phase, ...always, ...copy(await this.lists(run, row)), confirmations }
      }
    }
  }

  #knownOf(run: string, row: SecureRoundRow): Known {
    const { phase } = row
    const round = row.round.number
    const known = this.#known.get(run)
    if (known?.round === round && known.phase === phase) return known
    const fresh: Known = {
      round,
      phase,
      keys: new Once(() => this.#readKeys(run, round)),
      roster: new Once(() => this.#readRoster(run, row)),
      lists: new Once(() => this.#readLists(run, round)),
      envelopes: new Once(() => this.#readEnvelopes(run, round)),
    }
    this.#known.set(run, fresh)
    return fresh
  }

  async #readKeys(run: string, round: number): Promise<readonly SecureKeys[]> {
    const messages = await this.#store.messages(run, round, 'keys')
    return messages.map(({ body }) => SecureKeys.parse(jsonOf(body)))
  }

  async #readRoster(run: string, { round, parameters }: SecureRoundRow) {
    const messages = await this.#store.messages(run, round.number, 'keys')
    const enrolled = new Map(messages.map(({ clientId, publicKey = '' }) => [clientId, publicKey]))
    const advertisements = messages.map(({ body }) => decodeAdvertisement(SecureKeys.parse(jsonOf(body))))
    const roster = rosterOf(secureRoundOf(run, round.number, parameters), advertisements, enrolled)
    return { roster, enrolled }
  }

  async #readLists(run: string, round: number): Promise<UnmaskRequest> {
    const survivors = await this.#store.clients(run, round, 'input')
    const surviving = new Set(survivors)
    const sharers = await this.#store.clients(run, round, 'shares')
    return { survivors, dropped: sharers.filter((id) => !surviving.has(id)) }
  }

  async #readEnvelopes(run: string, round: number): Promise<ReadonlyMap<string, readonly Envelope[]>> {
    const found = new Map<string, Envelope[]>()
    for (const { clientId: sender, body } of await this.#store.messages(run, round, 'shares')) {
      // Each is of some ten kilobytes: requests get their turn in between.
      await breathe()
      for (const { recipient, envelope } of SecureShares.parse(jsonOf(body)).shares) {
        const own = found.get(recipient) ?? []
        own.push({ sender, envelope })
        found.set(recipient, own)
      }
    }
    return found
  }
}

const jsonOf = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body).toString())
const copy = ({ survivors, dropped }: UnmaskRequest) => ({ survivors: [...survivors], dropped: [...dropped] })

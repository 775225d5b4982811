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
  keys: Promise<readonly SecureKeys[]> | undefined
  roster: Promise<{ readonly roster: Roster; readonly enrolled: EnrolledKeys }> | undefined
  lists: Promise<UnmaskRequest> | undefined
  envelopes: Promise<ReadonlyMap<string, readonly Envelope[]>> | undefined
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
    const known = this.#knownOf(run, row)
    known.roster ??= this.#readRoster(run, row)
    return known.roster
  }

  /** Survivors, and the others who sent shares; in a phase after masking. */
  lists(run: string, row: SecureRoundRow): Promise<UnmaskRequest> {
    const known = this.#knownOf(run, row)
    known.lists ??= this.#readLists(run, row.round.number)
    return known.lists
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
      case 'sharing': {
        const known = this.#knownOf(run, row)
        known.keys ??= this.#readKeys(run, round.number)
        return { phase, ...always, clients: [...(await known.keys)] }
      }
      case 'masking': {
        const known = this.#knownOf(run, row)
        known.envelopes ??= this.#readEnvelopes(run, round.number)
        return { phase, ...always, shares: [...((await known.envelopes).get(clientId) ?? [])] }
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

  #knownOf(run: string, { round, phase }: SecureRoundRow): Known {
    const known = this.#known.get(run)
    if (known?.round === round.number && known.phase === phase) return known
    const nothing = { keys: undefined, roster: undefined, lists: undefined, envelopes: undefined }
    const fresh: Known = { round: round.number, phase, ...nothing }
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

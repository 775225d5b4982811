import type { SecureRoundState } from '@adf/contract/federation'
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
  type RandomBytes,
  secureRoundOf,
} from '@adf/federation/secure-aggregation'
import type { Site } from '../../server/site.ts'
import type { Unsigned } from '../forger.ts'

/** Of samples, which a client may say what it likes of. */
const SAMPLES = 100

export const STEPS = ['keys', 'shares', 'input', 'confirmation', 'answer'] as const
export type Step = (typeof STEPS)[number]

/** A message of secure aggregation that is to be signed. */
export interface Message extends Unsigned {
  readonly step: Step
}

export const stepPath = (run: string, round: number, step: Step): string =>
  `/federation/v1/runs/${run}/rounds/${round}/secure/${step}`

/** A client's part of one round: what the protocol has it send in each phase. */
export class Part {
  readonly #site: Site
  readonly #enrolled: EnrolledKeys
  readonly #random: RandomBytes
  #client: MaskingClient | undefined

  constructor(site: Site, enrolled: EnrolledKeys, random: RandomBytes) {
    this.#site = site
    this.#enrolled = enrolled
    this.#random = random
  }

  /** @returns undefined once the round is over @throws SecureAggregationError when something does not hold that others sent */
  async messageAt(state: SecureRoundState): Promise<Message | undefined> {
    const { id, key } = this.#site
    const { run, round, parameters } = state
    const message = (step: Step, content: object | Uint8Array): Message => ({
      step,
      method: 'PUT',
      path: stepPath(run, round, step),
      ...(content instanceof Uint8Array
        ? { body: content, type: 'application/vnd.adf.masked-input' }
        : { body: Buffer.from(JSON.stringify(content)), type: 'application/json' }),
    })
    this.#client ??= new MaskingClient({
      round: secureRoundOf(run, round, parameters),
      clientId: id,
      signingKey: key.privateKey,
      random: this.#random,
    })
    const client = this.#client
    switch (state.phase) {
      case 'advertising':
        return message('keys', encodeAdvertisement(client.advertise()))
      case 'sharing':
        return message(
          'shares',
          encodeShares(await client.share(state.clients.map(decodeAdvertisement), this.#enrolled)),
        )
      case 'masking': {
        const values = new Float32Array(parameters.length).fill(0.001)
        const { terms } = client.mask(decodeReceivedShares(id, state.shares), values, SAMPLES)
        return message('input', encodeTerms(terms))
      }
      case 'confirming':
        return message('confirmation', encodeConfirmation(client.confirm(state)))
      case 'unmasking':
        return message(
          'answer',
          encodeAnswer(client.unmask(state, state.confirmations.map(decodeConfirmation))),
        )
      case 'over':
        return undefined
    }
  }
}

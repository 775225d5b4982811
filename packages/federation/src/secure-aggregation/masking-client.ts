import type { KeyObject } from 'node:crypto'
import {
  type Advertisement,
  type EnrolledKeys,
  type Roster,
  rosterOf,
  seedDigest,
  signAdvertisement,
} from './advertisement.ts'
import { type Confirmation, checkConfirmations, signConfirmation } from './confirmation.ts'
import { open, type Passage, type SharePair, seal } from './envelope.ts'
import { toRing } from './fixed-point.ts'
import { KEY_BYTES, type RandomBytes, type RoundKey, roundKey } from './key-agreement.ts'
import { applyMask, pairMaskKey, pairSign, selfMaskKey } from './mask.ts'
import type { MaskedInput, SealedShares, UnmaskAnswer, UnmaskRequest } from './messages.ts'
import { checkRound, roundDigest, type SecureRound } from './parameters.ts'
import { splitSecret } from './secret-shares.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { checkRequest, requestKey } from './unmask-request.ts'

export interface MaskingClientOptions {
  readonly round: SecureRound
  readonly clientId: string
  /** Ed25519, of the enrolment. */
  readonly signingKey: KeyObject
  /** For keys, seed and nonces. Those of Shamir's polynomials come from `node:crypto`. */
  readonly random: RandomBytes
}

interface Others {
  readonly roster: Roster
  readonly enrolled: EnrolledKeys
}

type Stage =
  | { readonly name: 'new' }
  | { readonly name: 'advertised'; readonly advertisement: Advertisement }
  | ({ readonly name: 'shared'; readonly own: SharePair } & Others)
  | ({ readonly name: 'masked'; readonly shares: ReadonlyMap<string, SharePair> } & Others)
  | ({
      readonly name: 'confirmed'
      readonly shares: ReadonlyMap<string, SharePair>
      readonly key: string
    } & Others)

/**
 * A client's end of one round of secure aggregation (K. Bonawitz et al.: Practical Secure Aggregation for Privacy-Preserving Machine
 * Learning, CCS 2017, figure 4, with the parts against active adversaries). Its steps, in this order: `advertise`, `share`, `mask`, `confirm`, `unmask`; the first three once. A step that is
 * refused changes nothing. What it made must be sent again as it was, never made anew: two inputs under one mask give their difference away.
 *
 * The secrets are in memory alone. A client that was started again has dropped out of the round.
 */
export class MaskingClient {
  readonly #options: MaskingClientOptions
  readonly #shareKey: RoundKey
  readonly #maskKey: RoundKey
  readonly #seed: Uint8Array
  #stage: Stage = { name: 'new' }

  /** @throws SecureAggregationError `invalid_parameters` */
  constructor(options: MaskingClientOptions) {
    checkRound(options.round)
    this.#options = options
    this.#shareKey = roundKey(options.random(KEY_BYTES))
    this.#maskKey = roundKey(options.random(KEY_BYTES))
    this.#seed = options.random(KEY_BYTES)
  }

  /** Public keys, for the server and through it for the others. */
  advertise(): Advertisement {
    this.#at('new')
    const { round, clientId, signingKey } = this.#options
    const content = {
      clientId,
      shareKey: this.#shareKey.publicKey,
      maskKey: this.#maskKey.publicKey,
      seedDigest: seedDigest(roundDigest(round), clientId, this.#seed),
    }
    const advertisement = signAdvertisement(round, content, signingKey)
    this.#stage = { name: 'advertised', advertisement }
    return advertisement
  }

  /**
   * Shares of this client's secrets for each of the others.
   *
   * @param advertisements all of the round, this client's own among them
   * @throws SecureAggregationError as `rosterOf`, and `own_keys_replaced`
   */
  async share(advertisements: readonly Advertisement[], enrolled: EnrolledKeys): Promise<SealedShares[]> {
    const stage = this.#at('advertised')
    const { round, clientId, random } = this.#options
    const roster = rosterOf(round, advertisements, enrolled)
    const listed = roster.clients.get(clientId)
    // The signature covers all of it, and nothing else was ever signed for this round.
    if (listed === undefined || !Buffer.from(listed.signature).equals(stage.advertisement.signature))
      throw new SecureAggregationError('own_keys_replaced', `${clientId} is not in the list as it advertised`)
    const count = roster.clients.size
    const maskKeys = await splitSecret(this.#maskKey.secret, count, round.threshold)
    const seeds = await splitSecret(this.#seed, count, round.threshold)
    // Awaiting gave others a turn: a second call must not send other shares.
    this.#at('advertised')
    const pairs = [...roster.clients.keys()].map((recipient, i) => ({
      recipient,
      pair: { maskKey: maskKeys[i]!, seed: seeds[i]! },
    }))
    const sealed = pairs
      .filter(({ recipient }) => recipient !== clientId)
      .map(({ recipient, pair }) => {
        const passage: Passage = { round, rosterDigest: roster.digest, sender: clientId, recipient }
        const peer = roster.clients.get(recipient)!.shareKey
        return {
          sender: clientId,
          recipient,
          envelope: seal(pair, passage, this.#shareKey, peer, random(12)),
        }
      })
    const own = pairs.find(({ recipient }) => recipient === clientId)!.pair
    this.#stage = { name: 'shared', roster, enrolled, own }
    return sealed
  }

  /**
   * This client's update under its masks.
   *
   * @param received one for each other client that sent shares @param update values, in the order of weights @param samples that it counts for
   * @throws SecureAggregationError `share_refused`, `unknown_client`, `duplicate_client`, `too_few_clients`, `invalid_update`
   */
  mask(received: readonly SealedShares[], update: Float32Array, samples: number): MaskedInput {
    const { roster, enrolled, own } = this.#at('shared')
    const { round, clientId } = this.#options
    const shares = new Map([[clientId, own]])
    for (const { sender, recipient, envelope } of received) {
      if (shares.has(sender)) throw new SecureAggregationError('duplicate_client', sender, sender)
      const peer = roster.clients.get(sender)
      if (peer === undefined) throw new SecureAggregationError('unknown_client', sender, sender)
      if (recipient !== clientId)
        throw new SecureAggregationError(
          'share_refused',
          `the shares of ${sender} are for ${recipient}`,
          sender,
        )
      const passage: Passage = { round, rosterDigest: roster.digest, sender, recipient: clientId }
      shares.set(sender, open(envelope, passage, this.#shareKey, peer.shareKey))
    }
    if (shares.size < round.threshold)
      throw new SecureAggregationError('too_few_clients', `shares of ${shares.size}, not ${round.threshold}`)
    const { terms, clipped } = toRing(round, update, samples)
    applyMask(terms, selfMaskKey(this.#seed, roster.digest, clientId), 1)
    for (const peerId of shares.keys()) {
      if (peerId === clientId) continue
      const peerKey = roster.clients.get(peerId)!.maskKey
      const key = pairMaskKey({ clientId, maskKey: this.#maskKey, peerId, peerKey }, roster.digest)
      applyMask(terms, key, pairSign(clientId, peerId))
    }
    this.#stage = { name: 'masked', roster, enrolled, shares }
    return { clientId, terms, clipped }
  }

  /**
   * Signs the list of survivors; one list, ever. The same list again gets the same signature.
   *
   * @throws SecureAggregationError `both_shares`, `counted_as_dropped`, `already_confirmed`, and as `checkRequest`
   */
  confirm(request: UnmaskRequest): Confirmation {
    const confirmed = this.#stage.name === 'confirmed' ? this.#stage : undefined
    const { roster, enrolled, shares } = confirmed ?? this.#at('masked')
    const { round, clientId, signingKey } = this.#options
    checkRequest(request, new Set(shares.keys()), round.threshold)
    if (!request.survivors.includes(clientId))
      throw new SecureAggregationError('counted_as_dropped', `${clientId} sent its masked input`)
    const key = requestKey(request)
    if (confirmed !== undefined && confirmed.key !== key)
      throw new SecureAggregationError('already_confirmed', 'another list of survivors was confirmed')
    const confirmation = signConfirmation(clientId, roster.digest, request, signingKey)
    this.#stage = { name: 'confirmed', roster, enrolled, shares, key }
    return confirmation
  }

  /**
   * Shares of the seeds of those who survived and of the mask keys of those who dropped out, for the list that was confirmed. Asked again it
   * gives the same.
   *
   * @param confirmations of at least `threshold` survivors, its own may be among them
   * @throws SecureAggregationError `both_shares`, `already_confirmed`, and as `checkRequest` and `checkConfirmations`
   */
  unmask(request: UnmaskRequest, confirmations: readonly Confirmation[]): UnmaskAnswer {
    const { roster, enrolled, shares, key } = this.#at('confirmed')
    const { round, clientId } = this.#options
    checkRequest(request, new Set(shares.keys()), round.threshold)
    if (requestKey(request) !== key)
      throw new SecureAggregationError('already_confirmed', 'another list of survivors was confirmed')
    checkConfirmations(confirmations, round.threshold, { rosterDigest: roster.digest, request, enrolled })
    return {
      clientId,
      seeds: new Map(request.survivors.map((owner) => [owner, shares.get(owner)!.seed])),
      maskKeys: new Map(request.dropped.map((owner) => [owner, shares.get(owner)!.maskKey])),
    }
  }

  #at<N extends Stage['name']>(name: N): Extract<Stage, { name: N }> {
    const stage = this.#stage
    if (isAt(stage, name)) return stage
    throw new SecureAggregationError('wrong_phase', `this client is ${stage.name}, the step is for ${name}`)
  }
}

const isAt = <N extends Stage['name']>(stage: Stage, name: N): stage is Extract<Stage, { name: N }> =>
  stage.name === name

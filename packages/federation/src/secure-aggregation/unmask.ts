import { type Roster, seedDigest } from './advertisement.ts'
import { fromRing, type WeightedMean } from './fixed-point.ts'
import { type RoundKey, roundKey } from './key-agreement.ts'
import { applyMask, pairMaskKey, pairSign, selfMaskKey } from './mask.ts'
import type { MaskedSum } from './masked-sum.ts'
import type { UnmaskAnswer, UnmaskRequest } from './messages.ts'
import { checkRound, roundDigest, type SecureRound } from './parameters.ts'
import { combineShares } from './secret-shares.ts'
import { SecureAggregationError } from './secure-aggregation-error.ts'
import { checkAnswer, checkRequest } from './unmask-request.ts'

export interface Unmasking {
  readonly round: SecureRound
  readonly roster: Roster
  readonly sum: MaskedSum
  /** Of survivors; the first `threshold` by id count. */
  readonly answers: readonly UnmaskAnswer[]
}

/** What the server asks of the survivors when it has the sum. */
export function unmaskRequest(sum: MaskedSum): UnmaskRequest {
  const survivors = sum.clients
  const surviving = new Set(survivors)
  return { survivors, dropped: [...sum.sharers].filter((clientId) => !surviving.has(clientId)).toSorted() }
}

/**
 * The weighted mean of the survivors' updates: takes the self-masks of the survivors off their sum, and the pair masks that those who dropped out left
 * in it. Changes nothing of what it is given.
 *
 * @throws SecureAggregationError `too_few_clients`, `wrong_answer`, `duplicate_client`, `wrong_reconstruction`, `implausible_weight`
 */
export async function unmask(unmasking: Unmasking): Promise<WeightedMean> {
  const { round, roster, sum } = unmasking
  checkRound(round)
  const request = unmaskRequest(sum)
  checkRequest(request, sum.sharers, round.threshold)
  const answers = soundAnswers(unmasking, request)
  const terms = sum.terms.slice()
  for (const survivor of request.survivors) {
    const seed = await seedOf(survivor, unmasking, answers)
    applyMask(terms, selfMaskKey(seed, roster.digest, survivor), -1)
  }
  for (const gone of request.dropped) {
    const maskKey = await maskKeyOf(gone, unmasking, answers)
    for (const survivor of request.survivors) {
      const pair = {
        clientId: gone,
        maskKey,
        peerId: survivor,
        peerKey: roster.clients.get(survivor)!.maskKey,
      }
      // What the one who is gone would have added takes off what the survivor did.
      applyMask(terms, pairMaskKey(pair, roster.digest), pairSign(gone, survivor))
    }
  }
  return fromRing(round, terms, request.survivors.length)
}

function soundAnswers({ round, answers }: Unmasking, request: UnmaskRequest): UnmaskAnswer[] {
  const answered = new Set<string>()
  for (const answer of answers) {
    const { clientId } = answer
    if (answered.has(clientId)) throw new SecureAggregationError('duplicate_client', clientId, clientId)
    answered.add(clientId)
    checkAnswer(answer, request)
  }
  if (answers.length < round.threshold)
    throw new SecureAggregationError('too_few_clients', `${answers.length} answers, not ${round.threshold}`)
  return answers.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1)).slice(0, round.threshold)
}

async function seedOf(
  owner: string,
  { round, roster }: Unmasking,
  answers: UnmaskAnswer[],
): Promise<Uint8Array> {
  const seed = await combineShares(answers.map(({ seeds }) => seeds.get(owner)!))
  const known = roster.clients.get(owner)!.seedDigest
  if (seed !== undefined && Buffer.from(known).equals(seedDigest(roundDigest(round), owner, seed)))
    return seed
  throw wrong(owner, 'seed')
}

async function maskKeyOf(owner: string, { roster }: Unmasking, answers: UnmaskAnswer[]): Promise<RoundKey> {
  const secret = await combineShares(answers.map(({ maskKeys }) => maskKeys.get(owner)!))
  const key = secret && roundKey(secret)
  if (key !== undefined && Buffer.from(roster.clients.get(owner)!.maskKey).equals(key.publicKey)) return key
  throw wrong(owner, 'mask key')
}

const wrong = (owner: string, what: string) =>
  new SecureAggregationError('wrong_reconstruction', `shares do not lead to the ${what} of ${owner}`, owner)

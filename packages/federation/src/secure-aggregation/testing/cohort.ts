import { createCipheriv, createHash } from 'node:crypto'
import { clientKeyOf, newClientKey } from '../../signature/keys.ts'
import { type Advertisement, type Roster, rosterOf } from '../advertisement.ts'
import type { RandomBytes } from '../key-agreement.ts'
import { MaskedSum } from '../masked-sum.ts'
import { MaskingClient } from '../masking-client.ts'
import type { MaskedInput, SealedShares, UnmaskAnswer } from '../messages.ts'
import type { SecureRound } from '../parameters.ts'
import { checkSealedShares } from '../sealed-shares.ts'
import { type Unmasking, unmaskRequest } from '../unmask.ts'

/** Bytes that follow from a seed. */
export function seededBytes(seed: string): RandomBytes {
  const key = createHash('sha256').update(seed).digest()
  const stream = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  return (length) => Uint8Array.from(stream.update(new Uint8Array(length)))
}

export const roundOf = (changes: Partial<SecureRound> = {}): SecureRound => ({
  run: 'service-lstm',
  round: 7,
  base: 6,
  clients: 5,
  threshold: 3,
  length: 20,
  clip: 1,
  sampleCap: 1000,
  ...changes,
})

/** One site: what it has and what it does. */
export interface Member {
  readonly id: string
  readonly client: MaskingClient
  readonly update: Float32Array
  readonly samples: number
}

export interface Cohort {
  readonly round: SecureRound
  readonly members: readonly Member[]
  readonly enrolled: ReadonlyMap<string, string>
}

const idOf = (i: number) => `site-${String.fromCharCode(97 + (i % 26))}${i}`

/** So many sites with their keys, updates and numbers of samples, by a seed. */
export function cohort(round: SecureRound, count = round.clients, seed = 'cohort'): Cohort {
  const random = seededBytes(seed)
  const sites = Array.from({ length: count }, (_, i) => {
    const id = idOf(i)
    const key = newClientKey()
    const words = new DataView(random(4 * round.length).buffer)
    const update = Float32Array.from(
      { length: round.length },
      (_, at) => (round.clip * words.getInt32(4 * at, true)) / 2 ** 31,
    )
    const samples = 1 + (new DataView(random(4).buffer).getUint32(0, true) % round.sampleCap)
    const signingKey = clientKeyOf(key.privateKey).privateKey
    const client = new MaskingClient({ round, clientId: id, signingKey, random })
    return { id, client, update, samples, publicKey: key.publicKey }
  })
  return {
    round,
    members: sites,
    enrolled: new Map(sites.map(({ id, publicKey }) => [id, publicKey])),
  }
}

/** Who falls silent before which step, by place. */
export interface Silent {
  readonly share?: readonly number[]
  readonly mask?: readonly number[]
  readonly confirm?: readonly number[]
  readonly unmask?: readonly number[]
}

/** All messages of a round, for tests to look at and to spoil. */
export interface Played {
  readonly advertisements: readonly Advertisement[]
  readonly roster: Roster
  readonly sealed: readonly SealedShares[]
  readonly inputs: readonly MaskedInput[]
  readonly answers: readonly UnmaskAnswer[]
  readonly unmasking: Unmasking
  readonly survivors: readonly Member[]
}

export const to = (id: string, sealed: readonly SealedShares[]): SealedShares[] =>
  sealed.filter(({ recipient }) => recipient === id)

/** Advertisements and shares of all that still speak. */
export async function sharing({ round, members, enrolled }: Cohort, { share = [] }: Silent = {}) {
  const advertisements = members.map(({ client }) => client.advertise())
  const roster = rosterOf(round, advertisements, enrolled)
  const sharers = members.filter((_, i) => !share.includes(i))
  const sealed: SealedShares[] = []
  for (const { id, client } of sharers) {
    const own = await client.share(advertisements, enrolled)
    checkSealedShares(roster, id, own)
    sealed.push(...own)
  }
  return { advertisements, roster, sharers, sealed }
}

/** A round as an honest server drives it, up to where it takes the masks off. */
export async function play(sites: Cohort, silent: Silent = {}): Promise<Played> {
  const { round, members } = sites
  const { advertisements, roster, sharers, sealed } = await sharing(sites, silent)
  const survivors = sharers.filter((one) => !silent.mask?.includes(members.indexOf(one)))
  const inputs = survivors.map(({ id, client, update, samples }) =>
    client.mask(to(id, sealed), update, samples),
  )
  const sum = new MaskedSum(
    round,
    sharers.map(({ id }) => id),
  )
  for (const input of inputs) sum.add(input)
  const request = unmaskRequest(sum)
  const confirming = survivors.filter((one) => !silent.confirm?.includes(members.indexOf(one)))
  const confirmations = confirming.map(({ client }) => client.confirm(request))
  const answers = confirming
    .filter((one) => !silent.unmask?.includes(members.indexOf(one)))
    .map(({ client }) => client.unmask(request, confirmations))
  return {
    advertisements,
    roster,
    sealed,
    inputs,
    answers,
    survivors,
    unmasking: { round, roster, sum, answers },
  }
}

/** The weighted mean as FedAvg has it, of values cut to ±clip. */
export function plainMean(
  { clip, length, sampleCap }: SecureRound,
  members: readonly Member[],
): Float64Array {
  const mean = new Float64Array(length)
  const weights = members.map(({ samples }) => Math.min(samples, sampleCap))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  for (const [m, { update }] of members.entries())
    for (let i = 0; i < length; i++)
      mean[i]! += (weights[m]! * Math.max(-clip, Math.min(clip, update[i]!))) / total
  return mean
}

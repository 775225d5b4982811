import { describe, expect, it } from 'vitest'
import { clientKeyOf, newClientKey } from '../signature/keys.ts'
import { type Advertisement, rosterOf, signAdvertisement } from './advertisement.ts'
import { ENVELOPE_BYTES } from './envelope.ts'
import { checkRoundKey } from './key-agreement.ts'
import { MaskedSum } from './masked-sum.ts'
import { MaskingClient } from './masking-client.ts'
import type { SealedShares, UnmaskAnswer } from './messages.ts'
import { checkSealedShares } from './sealed-shares.ts'
import type { SecureAggregationErrorCode } from './secure-aggregation-error.ts'
import { cohort, play, roundOf, seededBytes, sharing, to } from './testing/cohort.ts'
import { unmask, unmaskRequest } from './unmask.ts'

const code = (expected: SecureAggregationErrorCode, clientId?: string) =>
  expect.objectContaining({ code: expected, ...(clientId !== undefined && { clientId }) })

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

describe('advertisements', () => {
  const round = roundOf()
  const { members, enrolled } = cohort(round)
  const all = members.map(({ client }) => client.advertise())
  const [first, ...rest] = all as [Advertisement, ...Advertisement[]]

  it('are taken in any order, to the same list', () => {
    expect(rosterOf(round, all.toReversed(), enrolled)).toEqual(rosterOf(round, all, enrolled))
  })

  it('are refused when anything in them was changed, or for other parameters', () => {
    for (const changed of [
      { ...first, shareKey: flipped(first.shareKey, 0) },
      { ...first, maskKey: flipped(first.maskKey, 31) },
      { ...first, seedDigest: flipped(first.seedDigest, 5) },
      { ...first, signature: flipped(first.signature, 63) },
      { ...first, signature: new Uint8Array(0) },
      { ...first, shareKey: first.maskKey, maskKey: first.shareKey },
    ])
      expect(() => rosterOf(round, [changed, ...rest], enrolled)).toThrow(
        code('bad_signature', first.clientId),
      )
    for (const other of [
      { run: 'other' },
      { round: 8 },
      { base: 5 },
      { clients: 4 },
      { threshold: 4 },
      { length: 21 },
      { clip: 2 },
      { sampleCap: 999 },
    ]) {
      const few = all.slice(0, 4)
      expect(() => rosterOf(roundOf(other), few, enrolled)).toThrow(code('bad_signature'))
      expect(() => rosterOf(round, few, enrolled)).not.toThrow()
    }
  })

  it('have keys that a secret can be shared with', () => {
    expect(() => checkRoundKey(first.shareKey)).not.toThrow()
    // Of small order (RFC 7748, section 6.1): every secret would lead to zero.
    expect(() => checkRoundKey(new Uint8Array(32))).toThrow(code('bad_key'))
    expect(() => checkRoundKey(Uint8Array.of(1, ...new Uint8Array(31)))).toThrow(code('bad_key'))
  })

  it('are refused from strangers, twice, under another name, with keys of another or of another length', () => {
    const [second] = rest as [Advertisement]
    const few = all.slice(0, 4)
    expect(() => rosterOf(round, [...few, first], enrolled)).toThrow(code('duplicate_client', first.clientId))
    expect(() => rosterOf(round, [...all, first], enrolled)).toThrow(code('too_many_clients'))
    const known = new Map(enrolled)
    known.delete(first.clientId)
    expect(() => rosterOf(round, all, known)).toThrow(code('unknown_client', first.clientId))
    expect(() => rosterOf(round, [{ ...first, clientId: 'a "b"' }, ...rest], enrolled)).toThrow(
      code('unknown_client'),
    )
    const renamed = { ...second, clientId: first.clientId }
    expect(() => rosterOf(round, [renamed, ...rest], enrolled)).toThrow(code('bad_signature', first.clientId))
    expect(() => rosterOf(round, [{ ...first, maskKey: new Uint8Array(31) }, ...rest], enrolled)).toThrow(
      code('bad_key', first.clientId),
    )
    const thief = newClientKey()
    const stolen = signAdvertisement(round, { ...second, clientId: 'thief' }, thief.privateKey)
    const withThief = new Map([...enrolled, ['thief', thief.publicKey]])
    expect(() => rosterOf(round, [...few, stolen], withThief)).toThrow(code('bad_key', 'thief'))
    expect(() => rosterOf(round, all.slice(0, 2), enrolled)).toThrow(code('too_few_clients'))
  })

  it('are refused by a client whose own is missing or replaced, even by one that its key signed', async () => {
    const { client, id } = members[0]!
    await expect(client.share(rest, enrolled)).rejects.toEqual(code('own_keys_replaced'))
    const mine = newClientKey()
    const twin = new MaskingClient({
      round,
      clientId: id,
      signingKey: clientKeyOf(mine.privateKey).privateKey,
      random: seededBytes('twin'),
    })
    const keys = new Map([...enrolled, [id, mine.publicKey]])
    await expect(client.share([twin.advertise(), ...rest], keys)).rejects.toEqual(code('own_keys_replaced'))
    // None of it changed anything.
    expect(await client.share(all, enrolled)).toHaveLength(4)
  })

  it('are refused with a key of small order, which would make the secret known to all', async () => {
    const sites = cohort(round)
    const mine = sites.members.map(({ client }) => client.advertise())
    const evil = newClientKey()
    const weak = {
      clientId: 'evil',
      shareKey: new Uint8Array(32),
      maskKey: new Uint8Array(32).fill(0, 1),
      seedDigest: new Uint8Array(32),
    }
    weak.maskKey[0] = 1
    const signed = signAdvertisement(round, weak, evil.privateKey)
    const keys = new Map([...sites.enrolled, ['evil', evil.publicKey]])
    await expect(sites.members[0]!.client.share([...mine.slice(0, 4), signed], keys)).rejects.toEqual(
      code('bad_key'),
    )
  })
})

describe('shares', () => {
  it('are refused tampered, swapped, to another, from another round, and under another list of keys', async () => {
    const sites = cohort(roundOf())
    const { sealed } = await sharing(sites)
    const later = cohort({ ...sites.round, round: 8 })
    const { sealed: replayed } = await sharing(later)
    const { id, client, update, samples } = sites.members[0]!
    const mine = to(id, sealed)
    const [one, two, ...others] = mine as [SealedShares, SealedShares, ...SealedShares[]]
    const mask = (received: SealedShares[]) => client.mask(received, update, samples)
    for (let at = 0; at < ENVELOPE_BYTES; at++)
      expect(() => mask([{ ...one, envelope: flipped(one.envelope, at) }, two, ...others])).toThrow(
        code('share_refused', one.sender),
      )
    for (const envelope of [one.envelope.subarray(1), new Uint8Array(0), two.envelope, replayed[0]!.envelope])
      expect(() => mask([{ ...one, envelope }, two, ...others])).toThrow(code('share_refused', one.sender))
    const forAnother = sealed.find(({ sender, recipient }) => sender === one.sender && recipient !== id)!
    expect(() => mask([forAnother, two, ...others])).toThrow(code('share_refused', one.sender))
    expect(() => mask([{ ...forAnother, recipient: id }, two, ...others])).toThrow(
      code('share_refused', one.sender),
    )
    const own = sealed.find(({ sender, recipient }) => sender === id && recipient === one.sender)!
    // What this client sent comes back as if the other had: the keys of the two directions differ.
    expect(() => mask([{ ...one, envelope: own.envelope }, two, ...others])).toThrow(code('share_refused'))
    expect(() => mask([one, one, two, ...others])).toThrow(code('duplicate_client', one.sender))
    expect(() => mask([{ ...one, sender: id }, two, ...others])).toThrow(code('duplicate_client', id))
    expect(() => mask([{ ...one, sender: 'stranger' }, two, ...others])).toThrow(
      code('unknown_client', 'stranger'),
    )
    expect(() => mask([one])).toThrow(code('too_few_clients'))
    // None of it changed anything.
    expect(mask(mine).terms).toHaveLength(sites.round.length + 1)
  })

  it('do not open when the server told two clients of different lists', async () => {
    const { members, enrolled } = cohort(roundOf())
    const all = members.map(({ client }) => client.advertise())
    const one = await members[0]!.client.share(all, enrolled)
    await members[1]!.client.share(all.slice(0, 4), enrolled)
    const received = to(members[1]!.id, one)
    expect(() => members[1]!.client.mask(received, members[1]!.update, 1)).toThrow(
      code('share_refused', members[0]!.id),
    )
  })

  it('are refused by the server when one is missing, doubled, short or for itself', async () => {
    const sites = cohort(roundOf())
    const { roster, sealed } = await sharing(sites)
    const { id } = sites.members[0]!
    const [one, ...others] = sealed.filter(({ sender }) => sender === id) as [SealedShares, ...SealedShares[]]
    for (const wrong of [
      others,
      [one, one, ...others.slice(1)],
      [{ ...one, envelope: one.envelope.subarray(1) }, ...others],
      [{ ...one, recipient: id }, ...others],
      [{ ...one, sender: others[0]!.recipient }, ...others],
    ])
      expect(() => checkSealedShares(roster, id, wrong)).toThrow(code('wrong_shares', id))
    expect(() => checkSealedShares(roster, 'stranger', [])).toThrow(code('unknown_client'))
  })
})

describe('a client that is asked for shares', () => {
  async function asked() {
    const sites = cohort(roundOf())
    const { sealed } = await sharing(sites)
    for (const { id, client, update, samples } of sites.members) client.mask(to(id, sealed), update, samples)
    const [first, ...others] = sites.members.map(({ client }) => client)
    const ids = sites.members.map((one) => one.id)
    return { client: first!, others, ids: ids as [string, string, string, string, string] }
  }

  it('refuses both of one client, in one request or in two', async () => {
    const { client, others, ids } = await asked()
    const [a, b, c, d, e] = ids
    const chosen = { survivors: [a, b, c, d], dropped: [e] }
    const wrong = [
      { survivors: [a, b, c, d, e], dropped: [e] },
      { survivors: [a, b, c, d], dropped: [e, a] },
      { survivors: ids, dropped: ids },
    ]
    for (const both of wrong) expect(() => client.confirm(both)).toThrow(code('both_shares'))
    const own = client.confirm(chosen)
    const confirmations = [own, ...others.slice(0, 2).map((other) => other.confirm(chosen))]
    const answer = client.unmask(chosen, confirmations)
    expect([...answer.seeds.keys()]).toEqual([a, b, c, d])
    expect([...answer.maskKeys.keys()]).toEqual([e])
    for (const both of wrong) {
      expect(() => client.unmask(both, confirmations)).toThrow(code('both_shares'))
      expect(() => client.confirm(both)).toThrow(code('both_shares'))
    }
    for (const other of [
      { survivors: ids, dropped: [] },
      { survivors: [a, b, c, e], dropped: [d] },
    ]) {
      expect(() => client.confirm(other)).toThrow(code('already_confirmed'))
      expect(() => client.unmask(other, confirmations)).toThrow(code('already_confirmed'))
    }
    const reordered = { survivors: [d, c, b, a], dropped: [e] }
    expect(client.confirm(reordered)).toEqual(own)
    expect(client.unmask(reordered, confirmations.toReversed())).toEqual(answer)
  })

  it('gives none before as many survivors as the threshold have signed the same list', async () => {
    const { client, others, ids } = await asked()
    const [a, b, c, d, e] = ids
    const list = { survivors: [a, b, c, d], dropped: [e] }
    expect(() => client.unmask(list, [])).toThrow(code('wrong_phase'))
    const own = client.confirm(list)
    const second = others[0]!.confirm(list)
    const third = others[1]!.confirm(list)
    const another = others[2]!.confirm({ survivors: ids, dropped: [] })
    const gone = others[3]!.confirm({ survivors: ids, dropped: [] })
    const give = (...confirmations: (typeof own)[]) => client.unmask(list, confirmations)
    expect(() => give()).toThrow(code('not_confirmed'))
    expect(() => give(own, second)).toThrow(code('not_confirmed'))
    expect(() => give(own, second, second)).toThrow(code('duplicate_client', b))
    expect(() => give(own, second, another)).toThrow(code('bad_signature', d))
    expect(() => give(own, second, gone)).toThrow(code('unknown_client', e))
    expect(() => give(own, second, { ...second, clientId: c })).toThrow(code('bad_signature', c))
    expect(() => give(own, second, { ...third, signature: flipped(third.signature, 9) })).toThrow(
      code('bad_signature', c),
    )
    expect(() => give(own, second, { ...third, clientId: 'stranger' })).toThrow(
      code('unknown_client', 'stranger'),
    )
    expect(give(own, second, third).seeds.size).toBe(4)
  })

  it('refuses to leave somebody out, strangers, the same twice, too few survivors, and to be called gone', async () => {
    const { client, ids } = await asked()
    const [a, b, c, d, e] = ids
    expect(() => client.confirm({ survivors: [a, b, c, d], dropped: [] })).toThrow(code('not_all_named'))
    expect(() => client.confirm({ survivors: ids, dropped: ['stranger'] })).toThrow(code('unknown_client'))
    expect(() => client.confirm({ survivors: [a, b, c, d, d], dropped: [e] })).toThrow(
      code('duplicate_client', d),
    )
    expect(() => client.confirm({ survivors: [a, b], dropped: [c, d, e] })).toThrow(code('too_few_clients'))
    expect(() => client.confirm({ survivors: [b, c, d, e], dropped: [a] })).toThrow(
      code('counted_as_dropped'),
    )
    expect(client.confirm({ survivors: ids, dropped: [] }).clientId).toBe(a)
  })

  it('takes each step once, in order, and never masks two inputs', async () => {
    const sites = cohort(roundOf())
    const { id, client, update } = sites.members[0]!
    expect(() => client.mask([], update, 1)).toThrow(code('wrong_phase'))
    expect(() => client.confirm({ survivors: [], dropped: [] })).toThrow(code('wrong_phase'))
    expect(() => client.unmask({ survivors: [], dropped: [] }, [])).toThrow(code('wrong_phase'))
    await expect(client.share([], sites.enrolled)).rejects.toEqual(code('wrong_phase'))
    const { advertisements, sealed } = await sharing(sites)
    expect(() => client.advertise()).toThrow(code('wrong_phase'))
    await expect(client.share(advertisements, sites.enrolled)).rejects.toEqual(code('wrong_phase'))
    expect(() =>
      client.mask(
        to(id, sealed),
        update.map(() => Number.NaN),
        1,
      ),
    ).toThrow(code('invalid_update'))
    client.mask(to(id, sealed), update, 1)
    expect(() => client.mask(to(id, sealed), update, 2)).toThrow(code('wrong_phase'))
  })

  it('seals shares once, when asked twice at the same time', async () => {
    const { members, enrolled } = cohort(roundOf())
    const all = members.map(({ client }) => client.advertise())
    const { client } = members[0]!
    const results = await Promise.allSettled([client.share(all, enrolled), client.share(all, enrolled)])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('the server', () => {
  it('refuses inputs of another length, of strangers, of those without shares, and twice', async () => {
    const { inputs, unmasking } = await play(cohort(roundOf()), { share: [4], mask: [3] })
    const { sum } = unmasking
    const [input] = inputs as [(typeof inputs)[0]]
    const before = sum.terms.slice()
    expect(() => sum.add(input)).toThrow(code('duplicate_client', input.clientId))
    const absent = [...sum.sharers].find((id) => !sum.clients.includes(id))!
    for (const terms of [new Uint32Array(20), new Uint32Array(22)])
      expect(() => sum.add({ clientId: absent, terms })).toThrow(code('wrong_input', absent))
    expect(() => sum.add({ ...input, clientId: 'stranger' })).toThrow(code('unknown_client', 'stranger'))
    expect(sum.terms).toEqual(before)
  })

  it('refuses answers with other shares than it asked for', async () => {
    const { unmasking, answers } = await play(cohort(roundOf()), { mask: [3] })
    const [one, ...others] = answers as [UnmaskAnswer, ...UnmaskAnswer[]]
    const owner = others[0]!.clientId
    const gone = unmaskRequest(unmasking.sum).dropped[0]!
    const without = new Map(one.seeds)
    without.delete(owner)
    for (const wrong of [
      { ...one, seeds: without },
      { ...one, seeds: new Map([...one.seeds, [gone, new Uint8Array(33)]]) },
      { ...one, seeds: new Map([...one.seeds, [owner, new Uint8Array(32)]]) },
      { ...one, maskKeys: new Map() },
      { ...one, clientId: gone },
    ])
      await expect(unmask({ ...unmasking, answers: [wrong, ...others] })).rejects.toEqual(
        code('wrong_answer', wrong.clientId),
      )
    await expect(unmask({ ...unmasking, answers: [one, ...answers] })).rejects.toEqual(
      code('duplicate_client', one.clientId),
    )
  })

  it('finds every changed share by what its owner committed itself to, and gives no mean', async () => {
    const { unmasking, answers } = await play(cohort(roundOf()), { mask: [3] })
    const [one, ...others] = answers as [UnmaskAnswer, ...UnmaskAnswer[]]
    const owner = others[0]!.clientId
    const gone = unmaskRequest(unmasking.sum).dropped[0]!
    for (let at = 0; at < 33; at++) {
      const seeds = new Map([...one.seeds, [owner, flipped(one.seeds.get(owner)!, at)]])
      await expect(unmask({ ...unmasking, answers: [{ ...one, seeds }, ...others] })).rejects.toEqual(
        code('wrong_reconstruction', owner),
      )
    }
    const swapped = new Map([...one.maskKeys, [gone, one.seeds.get(owner)!]])
    await expect(
      unmask({ ...unmasking, answers: [{ ...one, maskKeys: swapped }, ...others] }),
    ).rejects.toEqual(code('wrong_reconstruction', gone))
    const doubled = new Map([...one.seeds, [owner, others[0]!.seeds.get(owner)!]])
    await expect(unmask({ ...unmasking, answers: [{ ...one, seeds: doubled }, ...others] })).rejects.toEqual(
      code('wrong_reconstruction', owner),
    )
  })

  it('gives no mean when masks do not cancel and the weight shows it', async () => {
    const { unmasking } = await play(cohort(roundOf()))
    const { round, sum } = unmasking
    const broken = new MaskedSum(round, sum.sharers)
    for (const clientId of sum.clients) broken.add({ clientId, terms: new Uint32Array(21) })
    await expect(unmask({ ...unmasking, sum: broken })).rejects.toEqual(code('implausible_weight'))
  })

  it('gets shares of nobody when it tells two halves two stories', async () => {
    const sites = cohort(roundOf({ clients: 6, threshold: 4 }))
    const { sealed } = await sharing(sites)
    for (const { id, client, update, samples } of sites.members) client.mask(to(id, sealed), update, samples)
    const ids = sites.members.map(({ id }) => id)
    const stories = [
      { survivors: ids.slice(0, 5), dropped: ids.slice(5) },
      { survivors: ids, dropped: [] },
    ] as const
    const told = sites.members.map(({ client }, i) => ({ client, story: stories[i % 2]! }))
    const confirmations = told.map(({ client, story }) => client.confirm(story))
    for (const { client, story } of told) {
      const fitting = confirmations.filter((_, i) => told[i]!.story === story)
      expect(() => client.unmask(story, fitting)).toThrow(code('not_confirmed'))
      expect(() => client.unmask(story, confirmations)).toThrow(code('bad_signature'))
    }
  })

  it('gets no shares for one client when it hid some sharers from that one, so that few masks were on its input', async () => {
    const sites = cohort(roundOf({ clients: 10, threshold: 6 }))
    const { sealed } = await sharing(sites)
    const [victim, ...others] = sites.members
    const shown = new Set(others.slice(0, 5).map(({ id }) => id))
    const received = to(victim!.id, sealed).filter(({ sender }) => shown.has(sender))
    victim!.client.mask(received, victim!.update, victim!.samples)
    for (const { id, client, update, samples } of others) client.mask(to(id, sealed), update, samples)
    const ids = sites.members.map(({ id }) => id)
    // All the others say is four of the five whose masks are on it; the shares of each of five would be enough.
    const lists = others.map(({ id, client }, i) => {
      const dropped = [...shown]
        .filter((one, at) => one !== id && (shown.has(id) || at !== i % 5))
        .slice(0, 4)
      const list = { survivors: ids.filter((one) => !dropped.includes(one)), dropped }
      return { client, list, confirmation: client.confirm(list) }
    })
    // Without confirmations there would be enough shares: of each of the five mask keys, and of the seed.
    for (const id of shown) {
      const shares = lists.filter(({ list }) => list.dropped.includes(id))
      expect(shares.length).toBeGreaterThanOrEqual(sites.round.threshold)
    }
    expect(lists.every(({ list }) => list.survivors.includes(victim!.id))).toBe(true)
    for (const { client, list } of lists) {
      const same = lists.filter(({ list: other }) => other.dropped.join() === list.dropped.join())
      expect(() =>
        client.unmask(
          list,
          same.map(({ confirmation }) => confirmation),
        ),
      ).toThrow(code('not_confirmed'))
    }
    expect(() => victim!.client.confirm(lists[0]!.list)).toThrow(code('unknown_client'))
  })
})

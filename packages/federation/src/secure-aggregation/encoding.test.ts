import {
  SecureAnswer,
  SecureConfirmation,
  SecureKeys,
  SecureRoundState,
  SecureShares,
} from '@adf/contract/federation'
import { expect, it } from 'vitest'
import type { z } from 'zod'
import { rosterOf } from './advertisement.ts'
import {
  decodeAdvertisement,
  decodeAnswer,
  decodeConfirmation,
  decodeShares,
  encodeAdvertisement,
  encodeAnswer,
  encodeConfirmation,
  encodeShares,
  secureRoundOf,
} from './encoding.ts'
import { decodeTerms, encodeTerms } from './masked-input.ts'
import { MaskedSum } from './masked-sum.ts'
import { cohort, plainMean, roundOf } from './testing/cohort.ts'
import { unmask, unmaskRequest } from './unmask.ts'

/** What arrives of a message that is sent as JSON. */
const sent = <T>(schema: z.ZodType<T>, message: T): T => schema.parse(JSON.parse(JSON.stringify(message)))

it('a round whose messages all go through the schemas of the contract has the same mean', async () => {
  const { sampleCap: sample_cap, run, round: number, ...rest } = roundOf()
  const parameters = { ...rest, sample_cap }
  const always = { run, round: number, parameters, deadline: '2026-03-01T03:12:05.250Z' }
  const advertising = sent(SecureRoundState, { phase: 'advertising', ...always })
  const round = secureRoundOf(advertising.run, advertising.round, advertising.parameters)
  expect(round).toEqual(roundOf())
  const { members, enrolled } = cohort(round)
  const keys = members.map(({ client }) => sent(SecureKeys, encodeAdvertisement(client.advertise())))
  const sharing = sent(SecureRoundState, { phase: 'sharing', ...always, clients: keys })
  if (sharing.phase !== 'sharing') throw new Error(sharing.phase)
  const advertisements = sharing.clients.map(decodeAdvertisement)
  const roster = rosterOf(round, advertisements, enrolled)
  const sealed = []
  for (const { id, client } of members) {
    const shares = sent(SecureShares, encodeShares(await client.share(advertisements, enrolled)))
    sealed.push(...decodeShares(id, shares))
  }
  const sum = new MaskedSum(
    round,
    members.map(({ id }) => id),
  )
  const survivors = members.slice(1)
  for (const { id, client, update, samples } of survivors) {
    const received = sealed.filter(({ recipient }) => recipient === id)
    const { terms } = client.mask(received, update, samples)
    sum.add({ clientId: id, terms: decodeTerms(encodeTerms(terms), round.length) })
  }
  const request = unmaskRequest(sum)
  const confirming = sent(SecureRoundState, {
    phase: 'confirming',
    ...always,
    survivors: [...request.survivors],
    dropped: [...request.dropped],
  })
  if (confirming.phase !== 'confirming') throw new Error(confirming.phase)
  const confirmations = survivors
    .map(({ client }) => sent(SecureConfirmation, encodeConfirmation(client.confirm(confirming))))
    .map(decodeConfirmation)
  const answers = survivors.map(({ id, client }) =>
    decodeAnswer(id, sent(SecureAnswer, encodeAnswer(client.unmask(confirming, confirmations)))),
  )
  const { mean } = await unmask({ round, roster, sum, answers })
  for (const [i, value] of plainMean(round, survivors).entries()) expect(mean[i]).toBeCloseTo(value, 5)
})

it('an answer with two shares of one secret is refused', () => {
  const share = 'A'.repeat(44)
  const twice = [
    { owner: 'a', share },
    { owner: 'a', share },
  ]
  for (const answer of [
    { seeds: twice, mask_keys: [] },
    { seeds: [], mask_keys: twice },
  ])
    expect(() => decodeAnswer('b', answer)).toThrow(
      expect.objectContaining({ code: 'wrong_answer', clientId: 'b' }),
    )
})

it('masked inputs are words, little-endian, and of one length', () => {
  const terms = Uint32Array.of(1, 0x01020304, 0xffffffff)
  expect([...encodeTerms(terms)]).toEqual([1, 0, 0, 0, 4, 3, 2, 1, 255, 255, 255, 255])
  expect(decodeTerms(encodeTerms(terms), 2)).toEqual(terms)
  for (const length of [0, 11, 13, 16])
    expect(() => decodeTerms(new Uint8Array(length), 2)).toThrow(
      expect.objectContaining({ code: 'wrong_input' }),
    )
})

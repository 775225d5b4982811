import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toRing } from './fixed-point.ts'
import { roundKey } from './key-agreement.ts'
import { applyMask, pairMaskKey, pairSign } from './mask.ts'
import { MaskedSum } from './masked-sum.ts'
import { scaleOf } from './parameters.ts'
import { cohort, plainMean, play, roundOf, type Silent, seededBytes } from './testing/cohort.ts'
import { unmask } from './unmask.ts'

/** Within the bound of the quantisation. */
async function expectMean(sites: ReturnType<typeof cohort>, silent: Silent) {
  const { unmasking, survivors } = await play(sites, silent)
  const { round } = sites
  const { mean, weight } = await unmask(unmasking)
  const terms = survivors.map(({ update, samples }) => toRing(round, update, samples).terms)
  const exact = new Uint32Array(round.length + 1)
  for (const one of terms) for (let i = 0; i < exact.length; i++) exact[i]! += one[i]!
  expect(weight).toBe(exact[round.length])
  const unit = scaleOf(round) * weight
  expect([...mean]).toEqual([...new Int32Array(exact.buffer, 0, round.length)].map((term) => term / unit))
  const bound = survivors.length / (2 * unit) + 1e-12
  for (const [i, value] of plainMean(round, survivors).entries())
    expect(Math.abs(mean[i]! - value)).toBeLessThanOrEqual(bound)
}

describe('a round', () => {
  it('gives the weighted mean of all, to the last bit of the ring', async () => {
    await expectMean(cohort(roundOf()), {})
    await expectMean(cohort(roundOf({ clients: 3, threshold: 2, length: 1 })), {})
    await expectMean(cohort(roundOf({ clients: 12, threshold: 8, length: 20_000 })), { mask: [3] })
    await expectMean(cohort(roundOf({ clients: 40, threshold: 21, length: 2 }), 24), {
      share: [0],
      mask: [23],
    })
  })

  it('gives it for every set of two of five that fall silent, at every step', async () => {
    const steps = ['share', 'mask', 'confirm', 'unmask'] as const
    for (const first of steps)
      for (const second of steps)
        for (let a = 0; a < 5; a++)
          for (let b = a + 1; b < 5; b++) {
            const silent = first === second ? { [first]: [a, b] } : { [first]: [a], [second]: [b] }
            await expectMean(cohort(roundOf()), silent)
          }
  }, 60_000)

  it('gives it for any numbers of clients, thresholds and silences up to n - t', async () => {
    const shape = fc.integer({ min: 3, max: 12 }).chain((clients) =>
      fc.record({
        clients: fc.constant(clients),
        threshold: fc.integer({ min: Math.floor(clients / 2) + 1, max: clients }),
        order: fc.shuffledSubarray(
          Array.from({ length: clients }, (_, i) => i),
          { minLength: clients, maxLength: clients },
        ),
        cuts: fc.tuple(fc.nat(clients), fc.nat(clients), fc.nat(clients)),
        length: fc.integer({ min: 1, max: 50 }),
        clip: fc.double({ min: 1e-3, max: 100, noNaN: true }),
        sampleCap: fc.integer({ min: 1, max: 100_000 }),
        seed: fc.string({ maxLength: 8 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(shape, async ({ order, cuts, seed, ...rest }) => {
        const gone = order.slice(0, rest.clients - rest.threshold)
        const [first, second, third] = cuts.toSorted((a, b) => a - b)
        const silent = {
          share: gone.slice(0, first),
          mask: gone.slice(first, second),
          confirm: gone.slice(second, third),
          unmask: gone.slice(third),
        }
        await expectMean(cohort(roundOf(rest), rest.clients, seed), silent)
      }),
      { seed: 1611, numRuns: 40 },
    )
  }, 60_000)

  it('ends without a result when one more falls silent', async () => {
    const code = expect.objectContaining({ code: 'too_few_clients' })
    await expect(play(cohort(roundOf()), { share: [0, 1, 2] })).rejects.toEqual(code)
    await expect(play(cohort(roundOf()), { share: [0], mask: [1, 2] })).rejects.toEqual(code)
    await expect(play(cohort(roundOf()), { mask: [0], confirm: [1, 2] })).rejects.toEqual(
      expect.objectContaining({ code: 'not_confirmed' }),
    )
    const { unmasking } = await play(cohort(roundOf()), { mask: [0], confirm: [1], unmask: [4] })
    await expect(unmask(unmasking)).rejects.toEqual(code)
    await expect(play(cohort(roundOf(), 2))).rejects.toEqual(code)
  })

  it('gives the same whatever order inputs and answers come in, and twice', async () => {
    const { unmasking, inputs } = await play(cohort(roundOf()), { mask: [2] })
    const { round, sum, answers } = unmasking
    const other = new MaskedSum(round, sum.sharers)
    for (const input of inputs.toReversed()) other.add(input)
    const result = await unmask(unmasking)
    expect(await unmask({ ...unmasking, sum: other, answers: answers.toReversed() })).toEqual(result)
    expect(await unmask(unmasking)).toEqual(result)
  })
})

/** Pearson's statistic of bytes against the uniform distribution: 255 degrees of freedom, mean 255, deviation √510. */
function chiSquare(bytes: Uint8Array): number {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte]!++
  const each = bytes.length / 256
  return counts.reduce((sum, count) => sum + (count - each) ** 2 / each, 0)
}
/** Five deviations. */
const NOT_UNIFORM = 255 + 5 * Math.sqrt(510)
const bytesOf = (terms: Uint32Array) => new Uint8Array(terms.buffer, terms.byteOffset, terms.byteLength)
const lanes = (terms: Uint32Array) =>
  [0, 1, 2, 3].map((lane) => bytesOf(terms).filter((_, i) => i % 4 === lane))

describe('what the server has before the masks come off', () => {
  const round = roundOf({ length: 50_000 })

  it('looks uniform: each input, each byte of its words, and any sum but that of all', async () => {
    const sites = cohort(round)
    // The least random updates that there are.
    for (const { update } of sites.members) update.fill(0.5)
    expect(chiSquare(bytesOf(toRing(round, sites.members[0]!.update, 100).terms))).toBeGreaterThan(1e6)
    const { inputs, unmasking } = await play(sites)
    for (const { terms } of inputs)
      for (const bytes of [bytesOf(terms), ...lanes(terms)])
        expect(chiSquare(bytes)).toBeLessThan(NOT_UNIFORM)
    const some = new MaskedSum(round, unmasking.sum.sharers)
    for (const input of inputs.slice(0, 4)) some.add(input)
    expect(chiSquare(bytesOf(some.terms))).toBeLessThan(NOT_UNIFORM)
    // Of all: pair masks are gone, self-masks hide it still.
    expect(chiSquare(bytesOf(unmasking.sum.terms))).toBeLessThan(NOT_UNIFORM)
  })

  it('does not follow the update', async () => {
    const { members } = cohort(round)
    const { inputs } = await play(cohort(round))
    for (const [i, { terms }] of inputs.entries()) {
      const { update } = members[i]!
      let product = 0
      let squares = 0
      for (let at = 0; at < round.length; at++) {
        product += update[at]! * ((terms[at]! | 0) / 2 ** 31)
        squares += update[at]! ** 2
      }
      // A correlation of uniform words with anything: deviation √(1/3n).
      expect(Math.abs(product / Math.sqrt(squares))).toBeLessThan(5 / Math.sqrt(3))
    }
  })

  it('is another in each round, for the same update', async () => {
    const first = await play(cohort(roundOf(), 5, 'one'))
    const second = await play(cohort(roundOf({ round: 8 }), 5, 'two'))
    for (const [i, { terms }] of first.inputs.entries()) {
      const same = terms.filter((term, at) => term === second.inputs[i]!.terms[at])
      expect(same.length).toBe(0)
    }
  })

  it('is still hidden by the self-mask when the mask key of one who did not drop out is known', async () => {
    const sites = cohort(round)
    for (const { update } of sites.members) update.fill(0.5)
    const { unmasking, inputs } = await play(sites)
    // The very bytes that the first of the cohort drew: after its values, samples and share key comes the mask key.
    const random = seededBytes('cohort')
    random(4 * round.length + 4 + 32)
    const maskKey = roundKey(random(32))
    const { clientId, terms } = inputs[0]!
    const { clients, digest } = unmasking.roster
    expect(Buffer.from(maskKey.publicKey)).toEqual(Buffer.from(clients.get(clientId)!.maskKey))
    const left = terms.slice()
    for (const [peerId, peer] of clients) {
      if (peerId === clientId) continue
      const key = pairMaskKey({ clientId, maskKey, peerId, peerKey: peer.maskKey }, digest)
      applyMask(left, key, pairSign(clientId, peerId) === 1 ? -1 : 1)
    }
    expect(chiSquare(bytesOf(left))).toBeLessThan(NOT_UNIFORM)
  })
})

import { createPrivateKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { clientKeyOf } from '../signature/keys.ts'
import { rosterOf } from './advertisement.ts'
import { open } from './envelope.ts'
import { roundKey } from './key-agreement.ts'
import { MaskingClient } from './masking-client.ts'
import { roundOf, to } from './testing/cohort.ts'

const DIGEST = '5ea47a003d02d43933b7a1c7e15a008d95f153f49621e011f264a865e3670dd9'
const SEALED =
  '000102030405060708090a0b539384caac5c4b4626bf52242d119c3a61a9ca58285e2894f14ce9c39c11483cad36789616587ae51e1e79a29a1252e407084d25e55ca2f3498848d02a69de8112c97660b5c9bd6fdc72e2352007bff8842f'
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Secrets of a site are one byte over and over: 16 + i for shares, 32 + i for masks, 48 + i for the seed, 64 + i for signing. */
function site(i: number) {
  const id = `site-${'abc'[i]}`
  const { privateKey, publicKey } = clientKeyOf(
    createPrivateKey({
      key: Buffer.concat([PKCS8_ED25519, new Uint8Array(32).fill(64 + i)]),
      format: 'der',
      type: 'pkcs8',
    }),
  )
  let drawn = 0
  const random = (length: number) => new Uint8Array(length).fill(16 * ++drawn + i)
  const client = new MaskingClient({ round, clientId: id, signingKey: privateKey, random })
  return { id, publicKey, client }
}
const round = roundOf({ clients: 3, threshold: 2, length: 5, clip: 0.5, sampleCap: 1000 })

it('writes the bytes of docs/formats/secure-aggregation.md, as another program worked them out from it', async () => {
  const sites = [0, 1, 2].map(site)
  const enrolled = new Map(sites.map(({ id, publicKey }) => [id, publicKey]))
  const advertisements = sites.map(({ client }) => client.advertise())
  const { digest } = rosterOf(round, advertisements, enrolled)
  const sealed = []
  for (const { client } of sites) sealed.push(...(await client.share(advertisements, enrolled)))
  const { id, client } = sites[1]!
  const update = Float32Array.of(0.25, -0.25, 0, 0.75, -1e-9)
  const { terms } = client.mask(to(id, sealed), update, 700)
  const list = { survivors: ['site-b', 'site-a'], dropped: ['site-c'] }
  const { signature, seedDigest } = advertisements[1]!
  expect(hex(digest)).toBe(DIGEST)
  expect(hex(seedDigest)).toBe('dbcb1f5460d5af2b2df977474ede20bb33b9e94fcb0fc81e9b6c8ee215248af7')
  expect(hex(signature)).toBe(
    '6530d02b3bc3dc3977f50b69708b20f33e79c10e7f8c661622c2261f6b77ba60ad85f35d36850abd7e016b3a071da1b2bfa7a91f5e6abc063a24d4e8119e6308',
  )
  expect([...terms]).toEqual([1727409829, 1028453461, 1177385783, 1786198598, 4261390449, 1975900342])
  expect(hex(client.confirm(list).signature)).toBe(
    'f2c0d7f006701e6b5fd5f3134819b99b882af6f3ece12c1200ccc07422e28c79ec3bf4ba3b346af6b8f030f5b1f5bf2b8d08f53d48d754eb8757538ce49c6f0c',
  )
})

it('opens shares that another program sealed by this document', () => {
  const [recipient, sender] = ['site-b', 'site-a']
  const passage = { round, rosterDigest: Buffer.from(DIGEST, 'hex'), sender, recipient }
  const own = roundKey(new Uint8Array(32).fill(17))
  const pair = open(Buffer.from(SEALED, 'hex'), passage, own, roundKey(new Uint8Array(32).fill(16)).publicKey)
  expect([...pair.maskKey]).toEqual(Array.from({ length: 33 }, (_, i) => i))
  expect([...pair.seed]).toEqual(Array.from({ length: 33 }, (_, i) => 100 + i))
})

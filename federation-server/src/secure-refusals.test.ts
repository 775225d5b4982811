import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AuditPage, RoundPage, SecureRoundState, UpdatePage } from '@adf/contract/federation'
import {
  decodeAdvertisement,
  decodeConfirmation,
  decodeReceivedShares,
  decodeTerms,
  encodeAdvertisement,
  encodeAnswer,
  encodeConfirmation,
  encodeShares,
  encodeTerms,
  MaskingClient,
  type SecureAggregationErrorCode,
  secureRoundOf,
} from '@adf/federation/secure-aggregation'
import { newClientKey } from '@adf/federation/signature'
import { afterEach, expect, it } from 'vitest'
import { openSqliteStore } from './store/sqlite.ts'
import { type LyingServer, lyingServer } from './testing/lying-server.ts'
import { masked, maskingSites } from './testing/masking-site.ts'
import type { Answer, TestClient } from './testing/test-client.ts'
import { RUN, startServer, type TestServer } from './testing/test-server.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function start(masking: object): Promise<TestServer> {
  const server = await startServer({
    coordinator: { num_rounds: 1, min_clients_per_round: 3, gather: '300ms' },
    federated: masked(masking),
    config: { lease: '300ms', clients: { requests_per_second: 10_000, burst: 10_000 } },
  })
  stops.push(() => server.stop())
  return server
}

const path = `/federation/v1/runs/${RUN}/rounds/1/secure`
const put = (client: TestClient, step: string, message: unknown): Promise<Answer> =>
  client.send('PUT', `${path}/${step}`, Buffer.from(JSON.stringify(message)))
const input = (client: TestClient, bytes: Uint8Array): Promise<Answer> =>
  client.send('PUT', `${path}/input`, bytes, { type: 'application/vnd.adf.masked-input' })
const get = (client: TestClient, after: string): Promise<Answer> =>
  client.send('GET', `${path}?wait_seconds=20&after=${after}`, new Uint8Array())
async function state<P extends SecureRoundState['phase']>(client: TestClient, after: string, phase: P) {
  const found = SecureRoundState.parse((await get(client, after)).json())
  if (found.phase !== phase) throw new Error(`${found.phase}, not ${phase}: ${JSON.stringify(found)}`)
  return found as Extract<SecureRoundState, { phase: P }>
}
const codeOf = (answer: Answer) => {
  if (answer.status === 204) return [204]
  const { code, reason } = answer.json() as { code?: string; reason?: string }
  return [answer.status, code, ...(reason === undefined ? [] : [reason])]
}

it('each step is looked at: of whom it is, whether it is its turn, what is in it; and a share that is wrong ends the round with the reason', async () => {
  const server = await start({ threshold: 1 })
  const clients = await Promise.all([1, 2, 3].map((n) => server.client(n)))
  const [first, second, third] = [clients[0]!, clients[1]!, clients[2]!]
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const stranger = await server.client(4)
  expect(codeOf(await get(stranger, 'sharing'))).toEqual([409, 'not_selected'])

  const { parameters } = SecureRoundState.parse((await get(first, 'sharing')).json())
  expect(parameters).toMatchObject({ base: 0, clients: 3, threshold: 3, length: first.weights.length })
  const round = secureRoundOf(RUN, 1, parameters)
  const enrolled = new Map(clients.map(({ id, key }) => [id, key.publicKey]))
  const maskingOf = (client: TestClient, key = client.key) =>
    new MaskingClient({ round, clientId: client.id, signingKey: key.privateKey, random: randomBytes })
  const masking = new Map(clients.map((client) => [client, maskingOf(client)]))
  const of = (client: TestClient) => masking.get(client)!

  // Nothing without masks.
  const plain = await first.submit(RUN, 1, first.update(1))
  expect(codeOf(plain)).toEqual([409, 'secure_round'])
  expect(UpdatePage.parse(await server.get('/api/updates')).items).toEqual([])

  // Keys.
  const keys = new Map(clients.map((client) => [client, encodeAdvertisement(of(client).advertise())]))
  expect(codeOf(await put(second, 'keys', keys.get(first)))).toEqual([400, 'invalid_step', 'bad_signature'])
  const foreign = encodeAdvertisement(maskingOf(first, newClientKey()).advertise())
  expect(codeOf(await put(first, 'keys', foreign))).toEqual([400, 'invalid_step', 'bad_signature'])
  expect(codeOf(await put(stranger, 'keys', encodeAdvertisement(maskingOf(stranger).advertise())))).toEqual([
    409,
    'not_selected',
  ])
  expect(codeOf(await put(first, 'shares', { shares: [] }))).toEqual([409, 'wrong_step'])
  expect(codeOf(await put(first, 'keys', keys.get(first)))).toEqual([204])
  expect(codeOf(await put(first, 'keys', keys.get(first)))).toEqual([204])
  const others = encodeAdvertisement(maskingOf(first).advertise())
  expect(codeOf(await put(first, 'keys', others))).toEqual([409, 'step_conflict'])
  for (const client of [second, third])
    expect(codeOf(await put(client, 'keys', keys.get(client)))).toEqual([204])
  expect(codeOf(await put(first, 'keys', others))).toEqual([409, 'wrong_step'])

  // Shares.
  const { clients: told } = await state(first, 'advertising', 'sharing')
  expect(told).toEqual(
    clients.map((client) => keys.get(client)).toSorted((a, b) => (a!.client_id < b!.client_id ? -1 : 1)),
  )
  const shares = new Map(
    await Promise.all(
      clients.map(
        async (client) =>
          [client, encodeShares(await of(client).share(told.map(decodeAdvertisement), enrolled))] as const,
      ),
    ),
  )
  const few = { shares: shares.get(first)!.shares.slice(1) }
  expect(codeOf(await put(first, 'shares', few))).toEqual([400, 'invalid_step', 'wrong_shares'])
  expect(codeOf(await input(first, new Uint8Array(4 * (round.length + 1))))).toEqual([409, 'wrong_step'])
  for (const client of clients) expect(codeOf(await put(client, 'shares', shares.get(client)))).toEqual([204])

  // Masked inputs.
  expect(codeOf(await input(first, new Uint8Array(4 * round.length)))).toEqual([
    400,
    'invalid_step',
    'wrong_input',
  ])
  expect((await input(first, new Uint8Array(4 * round.length + 8))).status).toBe(413)
  for (const client of clients) {
    const received = await state(client, 'sharing', 'masking')
    const values = new Float32Array(round.length).fill(0.25)
    const { terms } = of(client).mask(decodeReceivedShares(client.id, received.shares), values, 10)
    expect(codeOf(await input(client, encodeTerms(terms)))).toEqual([204])
  }

  // What the server has of an update looks like nothing of it, in the table and in the file.
  const term = Math.round((scaleOf(parameters) * 10) / 4)
  const store = await openSqliteStore({ path: server.path })
  const kept = await store.secure.messages(RUN, 1, 'input')
  await store.close()
  expect(kept).toHaveLength(3)
  for (const { body } of kept) {
    const words = decodeTerms(body, round.length)
    expect(words.filter((word) => word === term).length).toBeLessThan(3)
    expect(new Set(words).size).toBeGreaterThan(0.9 * words.length)
  }
  const four = Buffer.from(Uint32Array.of(term, term, term, term).buffer)
  for (const suffix of ['', '-wal'])
    expect(readFileSync(`${server.path}${suffix}`).includes(four)).toBe(false)

  // The list of survivors.
  const lists = await state(first, 'masking', 'confirming')
  expect(lists).toMatchObject({ survivors: clients.map(({ id }) => id).toSorted(), dropped: [] })
  const confirmed = new Map(clients.map((client) => [client, encodeConfirmation(of(client).confirm(lists))]))
  expect(codeOf(await put(second, 'confirmation', confirmed.get(first)))).toEqual([
    400,
    'invalid_step',
    'bad_signature',
  ])
  const forged = { client_id: second.id, signature: confirmed.get(first)!.signature }
  expect(codeOf(await put(second, 'confirmation', forged))).toEqual([400, 'invalid_step', 'bad_signature'])
  for (const client of clients)
    expect(codeOf(await put(client, 'confirmation', confirmed.get(client)))).toEqual([204])

  // Answers: another owner is seen at the door, another share when they are put together.
  const { confirmations } = await state(first, 'confirming', 'unmasking')
  const answers = new Map(
    clients.map((client) => [
      client,
      encodeAnswer(of(client).unmask(lists, confirmations.map(decodeConfirmation))),
    ]),
  )
  const swapped = { seeds: [], mask_keys: answers.get(first)!.seeds }
  expect(codeOf(await put(first, 'answer', swapped))).toEqual([400, 'invalid_step', 'wrong_answer'])
  const [share, ...rest] = answers.get(first)!.seeds
  const changed = Buffer.from(share!.share, 'base64url')
  changed[3]! ^= 1
  const lie = { seeds: [{ ...share!, share: changed.toString('base64url') }, ...rest], mask_keys: [] }
  expect(codeOf(await put(first, 'answer', lie))).toEqual([204])
  for (const client of [second, third])
    expect(codeOf(await put(client, 'answer', answers.get(client)))).toEqual([204])
  const over = await state(first, 'unmasking', 'over')
  expect(over.reason).toContain('wrong_reconstruction')
  expect(codeOf(await put(first, 'answer', answers.get(first)))).toEqual([410, 'too_late'])
  const { items } = RoundPage.parse(await server.get(`/api/runs/${RUN}/rounds`))
  expect(items.at(-1)).toMatchObject({ round: 1, state: 'ABANDONED', version: null, used: 0 })
  const audit = AuditPage.parse(await server.get('/api/audit?limit=500')).items.map(({ action }) => action)
  expect(audit).toContain('secure.conflicting')
  expect(audit).toContain('round.abandoned')
}, 120_000)

/** Ring units for each unit of a value and sample (docs/formats/secure-aggregation.md, "Numbers"). */
const scaleOf = ({ clients, clip, sample_cap }: { clients: number; clip: number; sample_cap: number }) =>
  Math.floor((2 ** 31 - 1) / clients) / (clip * sample_cap)

type Lie = (state: SecureRoundState, sites: readonly string[]) => SecureRoundState
const lies: { title: string; lie: Lie; code: SecureAggregationErrorCode | 'bad_answer' }[] = [
  {
    title: 'leaves out its own keys',
    lie: (state, [own]) =>
      state.phase === 'sharing'
        ? { ...state, clients: state.clients.filter(({ client_id }) => client_id !== own) }
        : state,
    code: 'own_keys_replaced',
  },
  {
    title: 'swaps the keys of another client',
    lie: (state, [, other]) =>
      state.phase === 'sharing'
        ? {
            ...state,
            clients: state.clients.map((one) =>
              one.client_id === other ? { ...one, share_key: randomBytes(32).toString('base64url') } : one,
            ),
          }
        : state,
    code: 'bad_signature',
  },
  {
    title: 'changes an envelope',
    lie: (state) =>
      state.phase === 'masking'
        ? {
            ...state,
            shares: state.shares.map((one) => ({ ...one, envelope: randomBytes(94).toString('base64url') })),
          }
        : state,
    code: 'share_refused',
  },
  {
    title: 'names one as survivor and as dropped out',
    lie: (state, [, other]) =>
      state.phase === 'confirming' ? { ...state, dropped: [...state.dropped, other!] } : state,
    code: 'both_shares',
  },
  {
    title: 'asks for shares of another list than was confirmed',
    lie: (state, [, other]) =>
      state.phase === 'unmasking'
        ? { ...state, survivors: state.survivors.filter((id) => id !== other), dropped: [other!] }
        : state,
    code: 'already_confirmed',
  },
  {
    title: 'keeps back what the others signed',
    lie: (state) =>
      state.phase === 'unmasking' ? { ...state, confirmations: state.confirmations.slice(0, 1) } : state,
    code: 'not_confirmed',
  },
  {
    title: 'changes a parameter on the way',
    lie: (state) =>
      state.phase === 'sharing' ? { ...state, parameters: { ...state.parameters, clip: 1e6 } } : state,
    code: 'bad_answer',
  },
  {
    title: 'is of other weights',
    lie: (state) => ({ ...state, parameters: { ...state.parameters, base: 3 } }),
    code: 'bad_answer',
  },
]
it.each(lies)(
  'a server that $title gets nothing more of the client',
  async ({ lie, code }) => {
    const server = await start({})
    const sites = await maskingSites(server, 4)
    const ids = await Promise.all(sites.map(async ({ client }) => (await client.clientId())!))
    const liar: LyingServer = await lyingServer(server.url, (told) => lie(told, ids))
    stops.push(() => liar.stop())
    const deceived = sites[0]!.at(liar.url)
    const playing = sites.slice(1).map((site) => site.takePartUntil(1).catch(() => {}))
    await expect(deceived.takePartUntil(1)).rejects.toMatchObject({ code })
    for (const site of [...sites, deceived]) await site.stop()
    await Promise.all(playing)
  },
  120_000,
)

it('a client whose keys are not known from elsewhere is none: whoever does not know it stops', async () => {
  const server = await start({})
  const sites = await maskingSites(server, 3)
  const unknown = (await sites[2]!.client.clientId())!
  sites[0]!.peers = new Map([...sites[0]!.peers].filter(([id]) => id !== unknown))
  const playing = sites.slice(1).map((site) => site.takePartUntil(1).catch(() => {}))
  await expect(sites[0]!.takePartUntil(1)).rejects.toMatchObject({
    code: 'unknown_client',
    clientId: unknown,
  })
  for (const site of sites) await site.stop()
  await Promise.all(playing)
}, 120_000)

import { randomBytes } from 'node:crypto'
import { type Receipt, RoundPage, SecureRoundState } from '@adf/contract/federation'
import { FederationClient, MemoryState } from '@adf/federation'
import {
  decodeAdvertisement,
  decodeConfirmation,
  decodeReceivedShares,
  encodeAdvertisement,
  encodeAnswer,
  encodeConfirmation,
  encodeShares,
  encodeTerms,
  MaskingClient,
  secureRoundOf,
} from '@adf/federation/secure-aggregation'
import { NEW_KEY, newClientKey, rotationProof, signRequest } from '@adf/federation/signature'
import { afterEach, expect, it } from 'vitest'
import { masked } from './testing/masking-site.ts'
import type { Answer, TestClient } from './testing/test-client.ts'
import { RUN, startServer, type TestServer } from './testing/test-server.ts'

const HOUR_MS = 3_600_000
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})
async function start(options: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(options)
  stops.push(() => server.stop())
  return server
}

/** A message of the protocol, as its client would send it now. */
interface Message {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body: Uint8Array
  readonly type: string
  readonly keyId: string
}

const json = (message: unknown) => Buffer.from(JSON.stringify(message))
const codeOf = ({ status, body }: Answer) =>
  status < 400 ? [status] : [status, (JSON.parse(Buffer.from(body).toString()) as { code?: string }).code]

/** Sends a message in every way that it should not be sent, each to be refused for what it is; nothing of it may be stored. */
async function misuse(client: TestClient, message: Message, cutCode: string): Promise<void> {
  const { method, path, body, type, keyId } = message
  const send = (bytes: Uint8Array, options: object = {}) =>
    client.send(method, path, bytes, { type, keyId, ...options }).then(codeOf)
  const where = `${method} ${path}`
  const refusals: Record<string, unknown> = {
    'an hour ahead': await send(body, { nowMs: Date.now() + HOUR_MS }),
    'an hour late': await send(body, { nowMs: Date.now() - HOUR_MS }),
    // Who enrols is known by the key in the body.
    'by another key': await send(body, { key: newClientKey() }),
    'to another path': await sentElsewhere(client, message),
  }
  const expected: Record<string, unknown> = {
    'an hour ahead': [401, 'from_the_future'],
    'an hour late': [401, 'expired'],
    'by another key': [401, 'bad_signature'],
    'to another path': [401, 'bad_signature'],
  }
  if (body.length > 0) {
    const cut = body.subarray(0, body.length >> 1)
    const flipped = Uint8Array.from(body)
    flipped[body.length >> 1]! ^= 4
    refusals['cut on its way'] = await send(body, { body: cut })
    refusals['changed on its way'] = await send(body, { body: flipped })
    refusals['cut, and signed'] = await send(cut)
    expected['cut on its way'] = expected['changed on its way'] = [401, 'digest_mismatch']
    expected['cut, and signed'] = [400, cutCode]
  }
  expect({ where, refusals }).toEqual({ where, refusals: expected })
}

/** The headers of the message with another query: the signature covers it. */
async function sentElsewhere(client: TestClient, message: Message): Promise<unknown> {
  const { method, path, body, type } = message
  const headers = headersOf(client, message)
  const elsewhere = path.includes('?') ? path.replace('samples=100', 'samples=999') : `${path}?x=1`
  return codeOf(await client.raw(method, elsewhere, body, { ...headers, 'content-type': type }))
}

const headersOf = (client: TestClient, { method, path, body, keyId }: Message) => {
  const signing = { keyId, privateKey: client.key.privateKey, nowMs: Date.now(), nonce: randomBytes(16) }
  return { ...signRequest({ method, target: path, body }, signing) }
}

/** After all misuse the message itself is accepted, and a replay of it is not answered again. @param again the status of a replay */
async function accepted(
  client: TestClient,
  message: Message,
  status: number,
  again: unknown = [401, 'replayed'],
): Promise<Answer> {
  const { method, path, body, type } = message
  const headers = { ...headersOf(client, message), 'content-type': type }
  const answer = await client.raw(method, path, body, headers)
  expect({ path, answer: codeOf(answer) }).toEqual({ path, answer: [status] })
  expect({ path, replayed: codeOf(await client.raw(method, path, body, headers)) }).toEqual({
    path,
    replayed: again,
  })
  return answer
}

it('every message is refused when it was cut, changed, signed by another, at another time or for another path, and then accepted once', async () => {
  const server = await start({ coordinator: { num_rounds: 2 } })
  const clients = [await server.client(1), await server.client(2)]
  const { token } = await server.invite()
  const client = await server.client(9)
  const own = { type: 'application/json', keyId: client.id }

  const newcomer = await server.client(10)
  newcomer.key = newClientKey()
  const enrolment: Message = {
    method: 'POST',
    path: '/federation/v1/clients',
    body: json({ token, name: 'late', public_key: newcomer.key.publicKey }),
    type: 'application/json',
    keyId: NEW_KEY,
  }
  await misuse(newcomer, enrolment, 'malformed_body')
  await accepted(newcomer, enrolment, 201, [201])

  const work = json({ streams: ['service'], wait_seconds: 0 })
  const poll: Message = { ...own, method: 'POST', path: '/federation/v1/work', body: work }
  await misuse(client, poll, 'malformed_body')
  await accepted(client, poll, 200)

  const fresh = newClientKey()
  const rotation: Message = {
    ...own,
    method: 'PUT',
    path: `/federation/v1/clients/${client.id}/key`,
    body: json({ public_key: fresh.publicKey, proof: rotationProof(client.id, fresh) }),
  }
  await misuse(client, rotation, 'malformed_body')
  await accepted(client, rotation, 204, [401, 'bad_signature'])
  client.key = fresh

  clients.push(client)
  await Promise.all(clients.map((each) => each.untilAsked(RUN)))
  const update: Message = {
    method: 'POST',
    path: `/federation/v1/runs/${RUN}/rounds/1/update?base=0&samples=100&loss=0.5`,
    body: client.update(1),
    type: 'application/vnd.adf.update',
    keyId: client.id,
  }
  await misuse(client, update, 'invalid_update')
  // Of a round that is to come, and from weights that are.
  const ahead = (round: number, base: number) =>
    client.submit(RUN, round, client.update(1), { base }).then(codeOf)
  expect(await ahead(2, 0)).toEqual([404, 'not_found'])
  expect(await ahead(1, 1)).toEqual([409, 'unknown_base'])
  const { hash } = (await accepted(client, update, 200)).json() as Receipt
  for (const each of clients.slice(0, 2)) await each.submit(RUN, 1, each.update(1))
  await client.until(RUN, 1)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)

  for (const path of [`/federation/v1/runs/${RUN}`, `/federation/v1/runs/${RUN}/versions/1`]) {
    const get: Message = { ...own, method: 'GET', path, body: new Uint8Array() }
    await misuse(client, get, '')
    await accepted(client, get, 200)
  }
  const delta = `/federation/v1/runs/${RUN}/versions/1/delta`
  await misuse(client, { ...own, method: 'GET', path: delta, body: new Uint8Array() }, '')

  const { items } = RoundPage.parse(await server.get(`/api/runs/${RUN}/rounds`))
  expect(items.at(-1)).toMatchObject({ state: 'COMMITTED', received: 3, used: 3 })
  expect(await server.get('/api/audit/verification')).toMatchObject({ sound: true })
}, 60_000)

it('so is every message of secure aggregation, and the round goes on', async () => {
  const server = await start({
    coordinator: { num_rounds: 1, min_clients_per_round: 3 },
    federated: masked(),
  })
  const clients = await Promise.all([1, 2, 3].map((n) => server.client(n)))
  const [first] = clients
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const path = `/federation/v1/runs/${RUN}/rounds/1/secure`
  const stateOf = async (client: TestClient, after = 'none') => {
    const query = after === 'none' ? '' : `?wait_seconds=20&after=${after}`
    const answer = await client.send('GET', path + query, new Uint8Array())
    return SecureRoundState.parse(answer.json())
  }
  const { parameters } = await stateOf(first!)
  const enrolled = new Map(clients.map(({ id, key }) => [id, key.publicKey]))
  const masking = new Map(
    clients.map((client) => [
      client,
      new MaskingClient({
        round: secureRoundOf(RUN, 1, parameters),
        clientId: client.id,
        signingKey: client.key.privateKey,
        random: randomBytes,
      }),
    ]),
  )

  /** What a client has to send in a phase. */
  async function messageOf(client: TestClient, state: SecureRoundState): Promise<Message> {
    const of = masking.get(client)!
    const put = (step: string, body: Uint8Array, type = 'application/json'): Message => {
      return { method: 'PUT', path: `${path}/${step}`, body, type, keyId: client.id }
    }
    switch (state.phase) {
      case 'advertising':
        return put('keys', json(encodeAdvertisement(of.advertise())))
      case 'sharing': {
        const shares = await of.share(state.clients.map(decodeAdvertisement), enrolled)
        return put('shares', json(encodeShares(shares)))
      }
      case 'masking': {
        const values = new Float32Array(parameters.length)
        const { terms } = of.mask(decodeReceivedShares(client.id, state.shares), values, 10)
        return put('input', encodeTerms(terms), 'application/vnd.adf.masked-input')
      }
      case 'confirming':
        return put('confirmation', json(encodeConfirmation(of.confirm(state))))
      case 'unmasking':
        return put(
          'answer',
          json(encodeAnswer(of.unmask(state, state.confirmations.map(decodeConfirmation)))),
        )
      case 'over':
        throw new Error(`the round ended: ${state.reason}`)
    }
  }

  let after = 'none'
  for (const phase of ['advertising', 'sharing', 'masking', 'confirming', 'unmasking']) {
    const messages = new Map<TestClient, Message>()
    for (const client of clients) {
      const state = await stateOf(client, after)
      expect(state.phase).toBe(phase)
      messages.set(client, await messageOf(client, state))
    }
    const message = messages.get(first!)!
    await misuse(first!, message, phase === 'masking' ? 'invalid_step' : 'malformed_body')
    // Of a round that is to come, and at the step of another phase.
    const elsewhere = { ...message, path: message.path.replace('rounds/1', 'rounds/2') }
    const { method, body, type } = message
    expect(codeOf(await first!.send(method, elsewhere.path, body, { type }))).toEqual([404, 'not_found'])
    for (const [client, each] of messages) {
      if (phase === 'unmasking' && client !== first) await client.send('PUT', each.path, each.body)
      else await accepted(client, each, 204)
    }
    after = phase
  }
  expect(await stateOf(first!, after)).toMatchObject({ phase: 'over', reason: null })
  expect(await server.get('/api/audit/verification')).toMatchObject({ sound: true })
}, 60_000)

it('a million samples count for as many as the client was enrolled for', async () => {
  const server = await start({ coordinator: { num_rounds: 1 }, federated: FED_AVG })
  const clients = [
    await server.client(1, { sample_cap: 100 }),
    await server.client(2, { sample_cap: 100 }),
    await server.client(3, { sample_cap: 100 }),
  ]
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const [boasting, ...others] = clients
  for (const other of others) await other.submit(RUN, 1, other.update(1), { samples: 100 })
  await boasting!.submit(RUN, 1, boasting!.update(1), { samples: 1_000_000 })
  await boasting!.until(RUN, 1)

  const modest = await start({ coordinator: { num_rounds: 1 }, federated: FED_AVG })
  const same = await Promise.all([1, 2, 3].map((n) => modest.client(n, { sample_cap: 100 })))
  await Promise.all(same.map((client) => client.untilAsked(RUN)))
  for (const client of same) await client.submit(RUN, 1, client.update(1), { samples: 100 })
  await same[0]!.until(RUN, 1)
  // Sums are in the order of ids, and what is left out of a delta follows from each run's secret.
  const apart = boasting!.weights.map((value, i) => Math.abs(value - same[0]!.weights[i]!))
  expect(Math.max(...apart)).toBeLessThan(1e-6)
}, 60_000)

const FED_AVG = { aggregation: { rule: 'fed_avg', pre_steps: [] }, poisoning_detection: { enabled: false } }

it('clients whose clocks are an hour off take part, and so they do when that of the server jumps', async () => {
  let aheadMs = 0
  const server = await start({
    coordinator: { num_rounds: 3 },
    server: { clock: () => Date.now() + aheadMs },
  })
  const clients = []
  for (const offMs of [-HOUR_MS, 0, HOUR_MS]) {
    const clock = () => Date.now() + offMs
    const client = new FederationClient({
      url: server.url,
      state: new MemoryState(),
      clock,
      retries: 2,
      retryMs: 20,
    })
    stops.push(() => client.close())
    const { token } = await server.invite()
    await client.enrol({ token, name: `site ${offMs}` })
    clients.push(client)
  }
  const takePartUntil = async (client: FederationClient, version: number) => {
    for (;;) {
      const work = (await client.poll({ streams: ['service'], waitSeconds: 5 })).runs[0]!
      const global = await client.fetchGlobal(work)
      if (global.version >= version) return
      if (work.round === null) continue
      const { round, base, step } = work.round
      const values = global.weights.map((_, i) => 0.01 * Math.sin(i))
      await client.submit(RUN, { round, base, values, samples: 10, step })
    }
  }
  for (const [version, jumpMs] of [
    [1, 0],
    [2, HOUR_MS],
    [3, -HOUR_MS],
  ] as const) {
    aheadMs = jumpMs
    await Promise.all(clients.map((client) => takePartUntil(client, version)))
  }
  const { items } = RoundPage.parse(await server.get(`/api/runs/${RUN}/rounds`))
  expect(items.filter(({ state }) => state === 'COMMITTED')).toHaveLength(3)
  expect(await server.get('/api/audit/verification')).toMatchObject({ sound: true })
}, 60_000)

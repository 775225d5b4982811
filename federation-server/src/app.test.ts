import { rmSync } from 'node:fs'
import {
  AuditPage,
  AuditVerification,
  Client,
  FederationStatus,
  Receipt,
  RoundPage,
  UpdatePage,
} from '@adf/contract/federation'
import { compressUpdate, encodeDense } from '@adf/detectors/update'
import { newClientKey, rotationProof } from '@adf/federation/signature'
import { weightsHash } from '@adf/federation/weights'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answer, TestClient } from './testing/test-client.ts'
import { RUN, startServer, type TestServer } from './testing/test-server.ts'

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})
async function start(...options: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...options)
  servers.push(server)
  return server
}
/** Clients who have asked for work: the round that begins asks all of them. */
const enrolled = (server: TestServer, count: number, trusted: readonly number[] = []) =>
  server.whileHeldBack(() =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const client = await server.client(i + 1, { trusted: trusted.includes(i + 1) })
        await client.poll(RUN)
        return client
      }),
    ),
  )
const rounds = async (server: TestServer) =>
  RoundPage.parse(await server.get(`/api/runs/${RUN}/rounds?limit=500`)).items.toReversed()
const updates = async (server: TestServer, query = '') =>
  UpdatePage.parse(await server.get(`/api/updates?limit=500${query}`)).items
const audit = async (server: TestServer) =>
  AuditPage.parse(await server.get('/api/audit?limit=500')).items.map(({ action }) => action)
const sound = async (server: TestServer) =>
  AuditVerification.parse(await server.get('/api/audit/verification')).sound
const codeOf = (answer: Answer) => [answer.status, (answer.json() as { code?: string }).code]
const round = (server: TestServer, clients: readonly TestClient[]) =>
  Promise.all(clients.map((client) => client.takePart(RUN))).then(() => server)
async function until<T>(read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read()
    if (good(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

it('trains a run with five clients over HTTP, who all hold the same bits', async () => {
  const server = await start({ coordinator: { min_clients_per_round: 5 } })
  const clients = await enrolled(server, 5)
  for (let n = 1; n <= 4; n++) await round(server, clients)
  await Promise.all(clients.map((client) => client.until(RUN, 4)))
  await Promise.all(clients.map((client) => client.poll(RUN)))
  const hashes = new Set(clients.map(({ weights }) => weightsHash(weights)))
  expect(hashes.size).toBe(1)
  const status = FederationStatus.parse(await server.get('/api/status'))
  expect(status.runs).toMatchObject([
    { run: RUN, state: 'finished', version: 4, hash: [...hashes][0], rounds: { committed: 4, abandoned: 0 } },
  ])
  expect(status.clients).toEqual({ enrolled: 5, seen: 5, revoked: 0 })
  expect(await rounds(server)).toMatchObject(
    [1, 2, 3, 4].map((n) => ({ round: n, state: 'COMMITTED', selected: 5, received: 5, used: 5, loss: 0.5 })),
  )
  const client = Client.parse(await server.get(`/api/clients/${clients[0]!.id}`))
  expect(client).toMatchObject({
    updates: { received: 4, aggregated: 4 },
    holding: [{ run: RUN, version: 4 }],
  })
  expect(client.bytes.up).toBeGreaterThan(100)
  expect(client.bytes.down).toBeGreaterThan(100)
  expect(await sound(server)).toBe(true)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain(`adf_fl_rounds_completed_total{run="${RUN}"} 4`)
  expect(metrics).toContain(`adf_fl_updates_received_total{run="${RUN}"} 20`)
  // The weights can also be had at once.
  const dense = await server.client(9)
  await dense.resync(RUN, 4)
  expect(weightsHash(dense.weights)).toBe([...hashes][0])
  expect(await dense.submit(RUN, 4, dense.update(4)).then(codeOf)).toEqual([409, 'not_selected'])
  expect(await clients[0]!.submit(RUN, 9, clients[0]!.update(4)).then(codeOf)).toEqual([404, 'not_found'])
})

it('shows its series before the first round, so that a rate sees that one too', async () => {
  const server = await start()
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain(`adf_fl_rounds_completed_total{run="${RUN}"} 0`)
  expect(metrics).toContain(`adf_fl_round_duration_seconds_count{run="${RUN}"} 0`)
  expect(metrics).toContain(`adf_fl_bytes_total{run="${RUN}",direction="up"} 0`)
})

describe('an update', () => {
  it('is stored once, however often it comes; another one of the same round is refused and noted', async () => {
    const server = await start()
    const clients = await enrolled(server, 5)
    await Promise.all(clients.map((each) => each.untilAsked(RUN)))
    const [client] = clients
    const body = client!.update(1)
    const first = Receipt.parse((await client!.submit(RUN, 1, body)).json())
    expect(Receipt.parse((await client!.submit(RUN, 1, body)).json())).toEqual(first)
    const other = client!.update(99)
    expect(await client!.submit(RUN, 1, other).then(codeOf)).toEqual([409, 'update_conflict'])
    expect(await updates(server)).toMatchObject([{ client_id: client!.id, hash: first.hash }])
    expect((await audit(server))[0]).toBe('update.conflicting')
    // Delivered: there is nothing more to do in this round.
    expect((await client!.poll(RUN)).round).toBeNull()
  })

  it('counts in a later round when it is late, and not at all when it is too late', async () => {
    const server = await start({ coordinator: { staleness_limit: 1, quorum: 0.6, num_rounds: 5 } })
    const clients = await enrolled(server, 5)
    await Promise.all(clients.map((client) => client.untilAsked(RUN)))
    const [slow, slower, ...quick] = clients
    const late = slow!.update(1)
    const tooLate = slower!.update(1)
    await round(server, quick)
    await quick[0]!.until(RUN, 1)
    const receipt = Receipt.parse((await slow!.submit(RUN, 1, late, { base: 0 })).json())
    expect(receipt).toMatchObject({ late: true, round: 2 })
    await round(server, quick)
    await quick[0]!.until(RUN, 2)
    expect((await rounds(server))[1]).toMatchObject({ state: 'COMMITTED', received: 4, late: 1, used: 4 })
    expect(await slower!.submit(RUN, 1, tooLate, { base: 0 }).then(codeOf)).toEqual([410, 'too_late'])
    expect(await slower!.submit(RUN, 3, slower!.update(3), { base: 7 }).then(codeOf)).toEqual([
      409,
      'unknown_base',
    ])
    const client = Client.parse(await server.get(`/api/clients/${slower!.id}`))
    expect(client.updates).toMatchObject({ received: 0, rejected: 2 })
  })

  it('that is no sound one of the model gets no further than the door, and the round goes on', async () => {
    const server = await start()
    const clients = await enrolled(server, 4)
    await Promise.all(clients.map((client) => client.untilAsked(RUN)))
    const bad = clients[3]!
    const good = bad.update(1)
    const nan = encodeDense(new Float32Array(bad.weights.length))
    new DataView(nan.buffer).setFloat32(100, Number.NaN, true)
    const wide = compressUpdate(new Float32Array(bad.weights.length + 1), 1).bytes
    const huge = compressUpdate(
      bad.weights.map(() => 1e6),
      1,
    ).bytes
    const reasons = []
    for (const body of [nan, wide, huge, good.subarray(0, 50), new Uint8Array()]) {
      const answer = await bad.submit(RUN, 1, body)
      expect(codeOf(answer)).toEqual([400, 'invalid_update'])
      reasons.push((answer.json() as { reason: string }).reason)
    }
    expect(reasons).toEqual(['corrupt', 'wrong_length', 'too_large', 'corrupt', 'not_an_update'])
    expect((await bad.submit(RUN, 1, new Uint8Array(100_000))).status).toBe(413)
    expect(await bad.submit(RUN, 1, good, { samples: 0 }).then(codeOf)).toEqual([400, 'invalid_request'])
    await round(server, clients.slice(0, 3))
    expect((await bad.submit(RUN, 1, good)).status).toBe(200)
    await clients[0]!.until(RUN, 1)
    expect((await rounds(server))[0]).toMatchObject({ state: 'COMMITTED', used: 4 })
  })
})

describe('a poisoned update', () => {
  async function poisoned(): Promise<{ server: TestServer; clients: TestClient[] }> {
    const server = await start({ coordinator: { num_rounds: 8, min_clients_per_round: 5 } })
    const clients = await enrolled(server, 5)
    const [attacker, ...honest] = clients
    for (let n = 1; n <= 5; n++) {
      await Promise.all(clients.map((client) => client.untilAsked(RUN)))
      for (const client of clients) await client.submit(RUN, n, client.update(n))
      await attacker!.until(RUN, n)
    }
    await Promise.all(clients.map((client) => client.untilAsked(RUN)))
    await attacker!.submit(RUN, 6, attacker!.update(6, 1, -0.1))
    for (const client of honest) await client.submit(RUN, 6, client.update(6))
    await honest[0]!.until(RUN, 6)
    return { server, clients }
  }

  it('is held back with the reason, and its round goes on without it', async () => {
    const { server, clients } = await poisoned()
    const [held] = await updates(server, '&state=quarantined')
    expect(held).toMatchObject({ client_id: clients[0]!.id, round: 6 })
    expect(held!.reason).toMatch(/norm|cosine/)
    expect(held!.findings[0]!.suspicion).toBeGreaterThan(0.5)
    expect((await rounds(server))[5]).toMatchObject({ used: 4, left_out: { quarantined: 1 } })
    const { reputation, updates: counts } = Client.parse(await server.get(`/api/clients/${clients[0]!.id}`))
    expect(reputation).toBeLessThan(0.9)
    expect(counts).toMatchObject({ quarantined: 1, aggregated: 5 })
    expect((await audit(server))[1]).toBe('update.quarantined')
  })

  it('that is released counts in the next round, late, and gives its client its trust back', async () => {
    const { server: first, clients } = await poisoned()
    const [held] = await updates(first, '&state=quarantined')
    const released = await first.post(`/api/updates/${held!.id}/release`, {
      note: 'a test of ours',
      reviewer: 'on-call',
    })
    expect(released).toMatchObject({
      status: 200,
      body: { state: 'released', reviewer: 'on-call', note: 'a test of ours' },
    })
    expect(await first.post(`/api/updates/${held!.id}/reject`)).toMatchObject({ status: 409 })
    const distrusted = Client.parse(await first.get(`/api/clients/${clients[0]!.id}`)).reputation
    // From here on four of five are enough: the fifth of the round is the one that was released.
    await first.server.stop()
    const coordinator = { num_rounds: 8, min_clients_per_round: 5, quorum: 0.8 }
    const server = await start({ path: first.path, coordinator })
    for (const client of clients) client.url = server.url
    for (const client of clients.slice(1)) await client.takePart(RUN)
    await clients[1]!.until(RUN, 7)
    expect((await rounds(server))[6]).toMatchObject({ state: 'COMMITTED', received: 5, late: 1, used: 5 })
    expect(await updates(server, `&client=${clients[0]!.id}`)).toMatchObject([
      { id: held!.id, state: 'aggregated', reviewer: 'on-call' },
      ...[5, 4, 3, 2, 1].map((n) => ({ round: n, state: 'aggregated' })),
    ])
    for (const client of clients) await client.takePart(RUN)
    await clients[1]!.until(RUN, 8)
    const { reputation } = Client.parse(await server.get(`/api/clients/${clients[0]!.id}`))
    expect(reputation).toBeGreaterThan(distrusted)
    expect(await sound(server)).toBe(true)
  })

  it('that is rejected never counts', async () => {
    const { server } = await poisoned()
    const [held] = await updates(server, '&state=quarantined')
    expect(await server.post(`/api/updates/${held!.id}/reject`)).toMatchObject({
      body: { state: 'rejected' },
    })
    expect(await updates(server, '&state=quarantined')).toEqual([])
    expect((await audit(server))[0]).toBe('update.rejected')
    expect(await server.post('/api/updates/none/release')).toMatchObject({ status: 404 })
  })
})

describe('a client', () => {
  it('is revoked at once and for good, and what it sent does not count', async () => {
    const server = await start()
    const clients = await enrolled(server, 4)
    await Promise.all(clients.map((client) => client.untilAsked(RUN)))
    const [bad, ...rest] = clients
    await bad!.submit(RUN, 1, bad!.update(1))
    const revoked = await server.post(`/api/clients/${bad!.id}/revoke`, { note: 'sold' })
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked', updates: { rejected: 1 } } })
    expect(await bad!.post('/federation/v1/work', { streams: ['service'] }).then(codeOf)).toEqual([
      403,
      'revoked',
    ])
    await round(server, rest)
    await rest[0]!.until(RUN, 1)
    expect((await rounds(server))[0]).toMatchObject({ state: 'COMMITTED', used: 3 })
    expect(await audit(server)).toContain('client.revoked')
  })

  it('enrols with a token once, gets the same answer again, and nobody else does', async () => {
    const server = await start()
    const { token } = await server.invite({ name: 'site-1', sample_cap: 500 })
    const client = await server.client(2)
    const enrol = (as: TestClient, name = 'site-1') => as.enrol(token, name)
    client.key = newClientKey()
    expect(await enrol(client, 'other').then(codeOf)).toEqual([403, 'invitation_refused'])
    const first = await enrol(client)
    expect(first).toMatchObject({ status: 201 })
    expect(first.json()).toMatchObject({ sample_cap: 500 })
    expect((await enrol(client)).json()).toMatchObject({ client_id: client.id })
    const thief = await server.client(3)
    thief.key = newClientKey()
    expect(await enrol(thief).then(codeOf)).toEqual([403, 'invitation_refused'])
    const again = await server.invite()
    expect(await thief.enrol(again.token, 'site-1').then(codeOf)).toEqual([409, 'conflict'])
    expect(await thief.enrol('no such token', 'x').then(codeOf)).toEqual([403, 'invitation_refused'])
    const short = await server.invite({ valid_seconds: 0.001 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await thief.enrol(short.token, 'x').then(codeOf)).toEqual([403, 'invitation_refused'])
  })

  it('changes its key: the new one holds from the answer on, the old one never again', async () => {
    const server = await start()
    const client = await server.client(1)
    const [old, fresh] = [client.key, newClientKey()]
    const change = (as: typeof old, to = fresh, id = client.id) =>
      client.send(
        'PUT',
        `/federation/v1/clients/${id}/key`,
        Buffer.from(JSON.stringify({ public_key: to.publicKey, proof: rotationProof(client.id, fresh) })),
        { key: as },
      )
    expect(await change(old, newClientKey()).then(codeOf)).toEqual([400, 'invalid_request'])
    expect(await change(old, fresh, 'another').then(codeOf)).toEqual([403, 'forbidden'])
    expect((await change(old)).status).toBe(204)
    expect((await change(fresh)).status).toBe(204)
    expect(await change(old).then(codeOf)).toEqual([401, 'bad_signature'])
    client.key = fresh
    const next = newClientKey()
    const soon = await client.send(
      'PUT',
      `/federation/v1/clients/${client.id}/key`,
      Buffer.from(JSON.stringify({ public_key: next.publicKey, proof: rotationProof(client.id, next) })),
    )
    expect(codeOf(soon)).toEqual([429, 'too_many_requests'])
    expect(Number(soon.headers.get('retry-after'))).toBeGreaterThan(50)
    expect((await client.poll(RUN)).version).toBe(0)
    expect(await audit(server)).toContain('client.key_changed')
  })
})

it('a round whose updates are too few at its deadline is abandoned, and they count in the next', async () => {
  const server = await start({ coordinator: { round_deadline: '3s', num_rounds: 1 } })
  const clients = await enrolled(server, 3)
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const [first, ...rest] = clients
  expect((await first!.submit(RUN, 1, first!.update(1))).status).toBe(200)
  await until(
    () => rounds(server),
    ([one]) => one?.state === 'ABANDONED',
  )
  await Promise.all(rest.map((client) => client.takePart(RUN)))
  await until(
    () => rounds(server),
    (all) => all.some(({ state }) => state === 'COMMITTED'),
  )
  const all = await rounds(server)
  expect(all[0]).toMatchObject({ state: 'ABANDONED', reason: expect.stringContaining('1 of 3 updates') })
  expect(all.at(-1)).toMatchObject({ state: 'COMMITTED', used: 3 })
  expect(await audit(server)).toContain('round.abandoned')
})

it('goes on after a restart with what it had, in the middle of a round', async () => {
  const first = await startServer({ coordinator: { min_clients_per_round: 4 } })
  const clients = await enrolled(first, 4)
  await round(first, clients)
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  await Promise.all(clients.slice(0, 2).map((client) => client.submit(RUN, 2, client.update(2))))
  await first.server.stop()
  const second = await start({ path: first.path, coordinator: { min_clients_per_round: 4 } })
  for (const client of clients) client.url = second.url
  await round(second, clients.slice(2))
  await Promise.all(clients.map((client) => client.until(RUN, 2)))
  expect(new Set(clients.map(({ weights }) => weightsHash(weights))).size).toBe(1)
  expect((await rounds(second))[1]).toMatchObject({ state: 'COMMITTED', used: 4 })
  expect(await sound(second)).toBe(true)
  rmSync(second.path, { force: true })
})

it('pauses a run between rounds, and lets it go on', async () => {
  const server = await start({ coordinator: { num_rounds: 2 } })
  const clients = await enrolled(server, 3)
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const set = (state: string) => server.put(`/api/runs/${RUN}/state`, { state })
  expect(await set('paused')).toMatchObject({ status: 200, body: { state: 'paused' } })
  await round(server, clients)
  await Promise.all(clients.map((client) => client.until(RUN, 1)))
  expect(await rounds(server)).toHaveLength(1)
  expect((await clients[0]!.poll(RUN)).round).toBeNull()
  await set('running')
  await round(server, clients)
  await clients[0]!.until(RUN, 2)
  expect((await set('paused')).status).toBe(409)
})

it('asynchronously, a round ends when so many updates are there, whoever sent them', async () => {
  const server = await start({
    coordinator: { mode: 'asynchronous', buffer_size: 3, min_clients_per_round: 2 },
  })
  const clients = await enrolled(server, 5)
  await round(server, clients.slice(0, 3))
  await clients[0]!.until(RUN, 1)
  const [, , , late] = clients
  const newcomer = await server.client(9)
  // The one began with version 0, the other was not there when the round began.
  expect((await late!.submit(RUN, 2, late!.update(2), { base: 0 })).status).toBe(200)
  await newcomer.takePart(RUN)
  await clients[1]!.takePart(RUN)
  await clients[0]!.until(RUN, 2)
  expect((await rounds(server))[1]).toMatchObject({ state: 'COMMITTED', used: 3 })
})

it('measures the others by a trusted client, whose own updates do not count', async () => {
  const server = await start({
    coordinator: { num_rounds: 2 },
    federated: { aggregation: { rule: 'fl_trust', pre_steps: [] }, poisoning_detection: { enabled: false } },
  })
  const clients = await enrolled(server, 4, [4])
  await Promise.all(clients.map((client) => client.untilAsked(RUN)))
  const [attacker, ...honest] = clients
  await attacker!.submit(RUN, 1, attacker!.update(1, 1, -0.01))
  for (const client of honest) await client.submit(RUN, 1, client.update(1))
  await honest[0]!.until(RUN, 1)
  expect((await rounds(server))[0]).toMatchObject({ used: 2, left_out: { opposed: 1 } })
})

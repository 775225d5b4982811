import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FederatedModel } from '@adf/contract/federation'
import { normal, seeded } from '@adf/detectors'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { FileState } from '../state/file-state.ts'
import { MemoryState } from '../state/memory-state.ts'
import { TestServer } from './federation.test-server.ts'
import { FederationClient } from './federation-client.ts'

const model: FederatedModel = {
  stream: 'service',
  features: ['a', 'b', 'c'],
  network: { kind: 'lstm', inputs: 3, hidden: 8, layers: 1 },
  seed: 7,
}
const root = mkdtempSync(join(tmpdir(), 'adf-client-'))
afterAll(() => rmSync(root, { recursive: true }))

let server: TestServer
let url: string
const clients: FederationClient[] = []
beforeEach(async () => {
  server = new TestServer(model)
  url = await server.start()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await server.stop()
})

function clientOf(
  state = new MemoryState() as MemoryState | FileState,
  clock?: () => number,
): FederationClient {
  const client = new FederationClient({ url, state, retryMs: 1, timeoutMs: 5000, ...(clock && { clock }) })
  clients.push(client)
  return client
}
const inFolder = (folder: string) =>
  new FileState(join(root, folder), (message, error) => {
    throw new Error(message, { cause: error })
  })
const invited = { name: 'site 1', token: 'token-1' }
async function enrolled(state = new MemoryState() as MemoryState | FileState): Promise<FederationClient> {
  const client = clientOf(state)
  await client.enrol(invited)
  return client
}
const poll = async (client: FederationClient) => (await client.poll({ streams: ['service'] })).runs[0]!

/** A change as training makes one: small, and not the same everywhere. */
function change(seed: number): Float32Array {
  const rng = seeded(seed)
  return server.versions[0]!.map(() => 0.01 * normal(rng))
}
const plus = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + b[i]!)
const advance = (seed: number) => server.advance(plus(server.versions.at(-1)!, change(seed)))
const update = (round: number, base: number, seed = round) => ({
  round,
  base,
  values: change(seed),
  samples: 500,
  loss: 0.5,
  step: 1,
})
const requests = (kind: string) => server.seen.filter((request) => request.startsWith(kind)).length
const failing = (
  times: number,
  fault: 'unanswered' | 'answer_lost' | { status: number; code: string },
  kind = '',
) => {
  let left = times
  server.fault = (request) => (request.startsWith(kind) && left-- > 0 ? fault : undefined)
}

it('enrols once, is known after a restart, and keeps its key to itself', async () => {
  const first = await enrolled(inFolder('enrol'))
  const id = await first.clientId()
  expect(server.clients.get(id!)).toMatchObject({ name: 'site 1' })
  const again = clientOf(inFolder('enrol'))
  expect(await again.enrol(invited)).toBe(id)
  expect(requests('POST /federation/v1/clients')).toBe(1)
  expect(readdirSync(join(root, 'enrol'))).toEqual(['identity.json'])
  expect(readFileSync(join(root, 'enrol', 'identity.json'), 'utf8')).toContain('PRIVATE KEY')
  expect((await poll(again)).version).toBe(0)
})

it('whose enrolment was answered to nobody enrols with the same key, even after a restart', async () => {
  failing(4, 'answer_lost')
  await expect(enrolled(inFolder('lost'))).rejects.toMatchObject({ code: 'unreachable', retryable: true })
  expect(server.clients.size).toBe(1)
  const client = await enrolled(inFolder('lost'))
  expect([...server.clients.keys()]).toEqual([await client.clientId()])
})

it('is told what is wrong with a token, or that it has no id', async () => {
  const client = clientOf()
  await expect(client.enrol({ ...invited, token: 'used' })).rejects.toMatchObject({
    code: 'invitation_refused',
    status: 403,
    retryable: false,
  })
  await expect(client.poll({ streams: [] })).rejects.toMatchObject({ code: 'not_enrolled' })
})

it('begins with the seed, then follows deltas, and holds the bits of the server', async () => {
  const client = await enrolled()
  const fetched = await client.fetchGlobal(await poll(client))
  expect(fetched).toMatchObject({ version: 0, weights: server.versions[0] })
  for (const seed of [1, 2, 3]) advance(seed)
  expect(await client.fetchGlobal(await poll(client))).toMatchObject({
    version: 3,
    weights: server.versions[3],
  })
  expect(requests('GET /federation/v1/runs/r1/versions')).toBe(3)
  expect(requests('GET /federation/v1/runs/r1/versions/3/delta')).toBe(1)
  await poll(client)
  expect(server.lastHolding).toMatchObject([{ run: 'r1', version: 3 }])
  await client.fetchGlobal(await poll(client))
  expect(requests('GET')).toBe(4)
})

it('takes the weights dense when it is far behind, or the way is not kept', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  for (let seed = 1; seed <= 20; seed++) advance(seed)
  expect((await client.fetchGlobal(await poll(client))).weights).toEqual(server.versions[20])
  expect(requests('GET /federation/v1/runs/r1/versions/20')).toBe(1)
  expect(requests('GET /federation/v1/runs/r1/versions')).toBe(1)
  for (const seed of [21, 22]) advance(seed)
  server.kept = 22
  expect((await client.fetchGlobal(await poll(client))).weights).toEqual(server.versions[22])
})

it('notices that what it holds went wrong, and begins again without what it owed', async () => {
  const state = new MemoryState()
  const client = await enrolled(state)
  advance(1)
  await client.fetchGlobal(await poll(client))
  server.ask(1)
  await client.submit('r1', update(1, 1))
  const memory = (await state.loadRun('r1'))!
  expect(memory.residual.some((value) => value !== 0)).toBe(true)
  await state.saveRun('r1', { ...memory, weights: memory.weights.with(3, 9) })
  const restarted = clientOf(state)
  advance(2)
  expect((await restarted.fetchGlobal(await poll(restarted))).weights).toEqual(server.versions[2])
  expect(requests('GET /federation/v1/runs/r1/versions/2')).toBe(2)
  expect((await state.loadRun('r1'))!.residual.every((value) => value === 0)).toBe(true)
})

it('refuses weights that are not what the server says, and holds what it had', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  advance(1)
  const work = await poll(client)
  const wrong = { ...work, hash: '0'.repeat(64) }
  await expect(client.fetchGlobal(wrong)).rejects.toMatchObject({ code: 'wrong_weights', retryable: true })
  expect(await client.held('r1')).toMatchObject({ version: 0 })
})

it('owes what compression leaves out, so that nothing is lost over the rounds', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  const sent = new Float64Array(server.versions[0]!.length)
  const meant = new Float64Array(sent.length)
  for (let round = 1; round <= 30; round++) {
    server.ask(round)
    await client.submit('r1', { ...update(round, 0), step: 2 })
    const { values } = server.updates.get(`${await client.clientId()} ${round}`)!
    for (let i = 0; i < sent.length; i++) {
      sent[i]! += values[i]!
      meant[i]! += change(round)[i]!
    }
  }
  const off = sent.map((value, i) => Math.abs(value - meant[i]!))
  expect(Math.max(...off)).toBeLessThan(0.05)
  expect(Math.max(...meant)).toBeGreaterThan(0.1)
})

it('sends the very same bytes again after an answer was lost, even after a restart', async () => {
  const client = await enrolled(inFolder('again'))
  await client.fetchGlobal(await poll(client))
  server.ask(1)
  failing(4, 'answer_lost', 'POST /federation/v1/runs')
  await expect(client.submit('r1', update(1, 0))).rejects.toMatchObject({ code: 'unreachable' })
  expect(server.updates.size).toBe(1)
  const [stored] = server.updates.values()
  const restarted = clientOf(inFolder('again'))
  expect(await restarted.waiting('r1')).toMatchObject({ round: 1 })
  // What is handed over now is not what was sent: what waits counts.
  const receipt = await restarted.submit('r1', update(1, 0, 99))
  expect(receipt).toEqual(stored!.receipt)
  expect(await restarted.waiting('r1')).toBeUndefined()
  expect(server.updates.size).toBe(1)
})

it('delivers what waits of an earlier round before the next', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  server.ask(1)
  failing(4, 'unanswered', 'POST /federation/v1/runs')
  await expect(client.submit('r1', update(1, 0))).rejects.toMatchObject({ retryable: true })
  server.ask(2)
  await client.submit('r1', update(2, 0))
  expect([...server.updates.keys()].map((key) => key.split(' ')[1])).toEqual(['1', '2'])
})

it('an update that is refused for good does not wait, and nothing of it is owed', async () => {
  const state = new MemoryState()
  const client = await enrolled(state)
  await client.fetchGlobal(await poll(client))
  server.ask(1)
  await client.submit('r1', update(1, 0))
  const { residual } = (await state.loadRun('r1'))!
  failing(1, { status: 410, code: 'too_late' }, 'POST /federation/v1/runs')
  await expect(client.submit('r1', update(2, 0))).rejects.toMatchObject({
    code: 'too_late',
    retryable: false,
  })
  expect(await state.loadRun('r1')).toMatchObject({ pending: undefined, residual })
})

it('a base that the server does not know is forgotten, and fetched anew', async () => {
  const client = await enrolled()
  for (const seed of [1, 2]) advance(seed)
  await client.fetchGlobal(await poll(client))
  server.kept = 3
  await expect(client.submit('r1', update(1, 2))).rejects.toMatchObject({ code: 'unknown_base' })
  expect(await client.held('r1')).toBeUndefined()
  await expect(client.submit('r1', update(1, 2))).rejects.toMatchObject({ code: 'nothing_held' })
  server.kept = 0
  expect((await client.fetchGlobal(await poll(client))).weights).toEqual(server.versions[2])
})

it('a client that the server refuses keeps its update for when it is let in again', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  failing(1, { status: 403, code: 'revoked' }, 'POST /federation/v1/runs')
  await expect(client.submit('r1', update(1, 0))).rejects.toMatchObject({ code: 'revoked' })
  expect(await client.waiting('r1')).toMatchObject({ round: 1 })
  server.ask(1)
  expect(await client.redeliver('r1')).toMatchObject({ round: 1, late: false })
})

it('values that are not finite are never kept nor sent', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  const values = change(1).with(0, Number.NaN)
  await expect(client.submit('r1', { ...update(1, 0), values })).rejects.toMatchObject({
    code: 'out_of_range',
  })
  expect(await client.waiting('r1')).toBeUndefined()
  expect(requests('POST /federation/v1/runs')).toBe(0)
})

it('claims no more samples than it was enrolled for', async () => {
  const client = await enrolled()
  await client.fetchGlobal(await poll(client))
  await client.submit('r1', { ...update(1, 0), samples: 1e9 })
  expect([...server.updates.values()].map(({ samples }) => samples)).toEqual([10_000])
})

it.each([3_600_000, -3_600_000, 40 * 86_400_000])('works with a clock that is %d ms off', async (offMs) => {
  const client = clientOf(new MemoryState(), () => Date.now() + offMs)
  await client.enrol(invited)
  await client.fetchGlobal(await poll(client))
  expect(requests('POST /federation/v1/clients')).toBe(2)
  expect(requests('POST /federation/v1/work')).toBe(1)
  expect(Math.abs(client.nowMs() - Date.now())).toBeLessThan(10_000)
})

it('follows the clock of the server when that jumps', async () => {
  const client = await enrolled()
  server.aheadMs = 7_200_000
  await poll(client)
  await poll(client)
  expect(requests('POST /federation/v1/work')).toBe(3)
})

it('retries what may pass, signed anew, and nothing else', async () => {
  const client = await enrolled()
  for (const fault of [
    'unanswered' as const,
    { status: 503, code: 'overloaded', headers: { 'retry-after': '0' } },
    { status: 429, code: 'too_many_requests' },
    { status: 502, code: 'x' },
  ]) {
    server.seen.length = 0
    failing(2, fault)
    await poll(client)
    expect(requests('POST /federation/v1/work')).toBe(3)
  }
  server.seen.length = 0
  failing(1, { status: 400, code: 'invalid_request' })
  await expect(poll(client)).rejects.toMatchObject({ code: 'invalid_request', status: 400 })
  expect(server.seen).toHaveLength(1)
})

it('survives a server that is away and comes back', async () => {
  const client = await enrolled()
  const { port } = server
  const { clients: known } = server
  await server.stop()
  await expect(poll(client)).rejects.toMatchObject({ code: 'unreachable', retryable: true })
  server = new TestServer(model)
  for (const [id, one] of known) server.clients.set(id, one)
  await server.start(port)
  expect((await poll(client)).run).toBe('r1')
})

it('begins again when the server has another model under the same name', async () => {
  const client = await enrolled()
  advance(1)
  await client.fetchGlobal(await poll(client))
  const { port, clients: known } = server
  await server.stop()
  server = new TestServer({ ...model, network: { kind: 'lstm', inputs: 3, hidden: 4, layers: 1 } })
  for (const [id, one] of known) server.clients.set(id, one)
  await server.start(port)
  advance(2)
  const fetched = await client.fetchGlobal(await poll(client))
  expect(fetched).toMatchObject({ version: 1, model: server.model, weights: server.versions[1] })
})

it('is stopped while the server holds an answer back', async () => {
  const client = await enrolled()
  const stop = new AbortController()
  server.fault = () => {
    stop.abort(new Error('stopped'))
    return undefined
  }
  await expect(client.poll({ streams: ['service'], signal: stop.signal })).rejects.toThrow('stopped')
})

it.each([
  ['not JSON', '<html>'],
  ['of another shape', '{"runs":[]}'],
  ['endless', 'x'.repeat(2 ** 20 + 1)],
])('an answer that is %s is refused', async (_, text) => {
  const client = await enrolled()
  server.raw = Buffer.from(text)
  await expect(poll(client)).rejects.toMatchObject({ code: 'bad_answer' })
})

it('a model that no processor could train is refused before it takes memory', async () => {
  const client = await enrolled()
  const work = await poll(client)
  const network = { kind: 'lstm' as const, inputs: 3, hidden: 4096, layers: 32 }
  server.raw = Buffer.from(JSON.stringify({ run: 'r1', model: { ...model, network } }))
  await expect(client.fetchGlobal(work)).rejects.toMatchObject({ code: 'bad_answer' })
  server.raw = Buffer.from(JSON.stringify({ run: 'r1', model: { ...model, features: ['a'] } }))
  await expect(client.fetchGlobal(work)).rejects.toThrow('1 features for a network of 3 inputs')
})

it('changes its key; a lost answer, or a restart in between, does no harm', async () => {
  const client = await enrolled(inFolder('rotate'))
  const id = (await client.clientId())!
  const keys = [server.clients.get(id)!.key]
  await client.rotateKey()
  keys.push(server.clients.get(id)!.key)
  await poll(client)
  failing(4, 'answer_lost', 'PUT')
  await expect(client.rotateKey()).rejects.toMatchObject({ code: 'unreachable' })
  keys.push(server.clients.get(id)!.key)
  expect(new Set(keys).size).toBe(3)
  await poll(clientOf(inFolder('rotate')))
  expect(server.clients.get(id)!.key).toBe(keys[2])
})

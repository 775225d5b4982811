import type { Incident } from '@adf/contract'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { IncidentTracker } from '../incident/tracker.ts'
import { sampleRanking } from '../rootcause/sample.test-data.ts'
import { sampleAnomaly } from '../store/sample.test-data.ts'
import type { Fence } from '../store/shard.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { Reducer } from './reducer.ts'

let store: Store
let wall = 0
let ids = 0
const told: [string, string][] = []
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', clock: () => wall })
  wall = 0
  told.length = 0
})
afterEach(() => store.close())

const begin = (
  over: Pick<Store, 'anomalies' | 'incidents' | 'incidentHistory' | 'findings' | 'shards'> = store,
) =>
  Reducer.begin({
    store: over,
    tracker: (clock, outcome) =>
      new IncidentTracker(
        { openAfter: 2, resolveAfterMs: 10_000, rankWindowMs: 60_000, maxOpen: 10, maxAnomalies: 100 },
        {
          callers: () => new Map(),
          blastRadius: () => [],
          exemplars: () => [],
          rank: ({ nowMs }) => sampleRanking(new Date(nowMs).toISOString(), []),
          newId: () => `i${++ids}`,
          changed: (incident, change) => outcome({ kind: 'incident', incident, change }),
          joined: (incidentId, anomalyIds) => outcome({ kind: 'joined', incidentId, anomalyIds }),
          happened: () => {},
          left: () => {},
          failed: (error) => {
            throw error
          },
        },
        clock,
      ),
    seen: () => {},
    told: ({ id }: Incident, change) => told.push([id, change]),
    stepMs: 1000,
    maxDelayMs: 60_000,
    graphReachedMs: () => undefined,
    wall: () => wall,
  })

/** The n-th anomaly of an entity, found n seconds after the begin. */
const find = (fence: Fence, n: number, id: string, first: boolean) =>
  store.anomalies.add(sampleAnomaly(n, { stream: 's', entity: { id, kind: 'event' } }), {
    fence,
    stepMs: n * 1000,
    first,
  })
const take = (shard: string) => store.shards.take(shard, shard, 'a', wall)
const reach = (fence: Fence, seconds: number) =>
  store.shards.reach([{ fence, reachedMs: seconds * 1000 }], wall)
const incidentOf = async (n: number) => (await store.anomalies.get(sampleAnomaly(n).id))?.incident_id ?? null

test('goes as far as all shards have come, in the order of steps', async () => {
  const [a, b] = [await take('a'), await take('b')]
  const reducer = await begin()
  await find(a, 3, 'x', false)
  await find(b, 1, 'y', true)
  await find(a, 2, 'x', true)
  await reach(a, 5)
  await reducer.round()
  expect([reducer.openCount, await incidentOf(3)]).toEqual([0, null])
  await reach(b, 5)
  await reducer.round()
  const opened = await incidentOf(3)
  expect(opened).not.toBeNull()
  expect([await incidentOf(2), await incidentOf(1)]).toEqual([opened, null])
  expect(told[0]).toEqual([opened, 'opened'])
  expect((await store.incidents.get(opened ?? ''))?.opened_at).toBe(new Date(3000).toISOString())
  // Alone so far, it may begin a run.
  expect((await store.findings.upTo(1e9, 9)).map(({ stepMs }) => stepMs)).toEqual([1000])
})

test('a normal vector between two anomalies ends the run, and silence resolves by the time of the shards', async () => {
  const a = await take('a')
  const reducer = await begin()
  await find(a, 1, 'x', true)
  await find(a, 2, 'x', true)
  await find(a, 3, 'x', false)
  await reach(a, 4)
  await reducer.round()
  expect([await incidentOf(1), (await incidentOf(3)) === (await incidentOf(2))]).toEqual([null, true])
  const opened = (await incidentOf(3)) ?? ''
  await reach(a, 30)
  await reducer.round()
  expect((await store.incidents.get(opened))?.state).toBe('resolved')
  expect(reducer.openCount).toBe(0)
})

test('findings that come late open and join step by step, as they would have in time', async () => {
  const [a, b] = [await take('a'), await take('b')]
  wall = 100_000
  await reach(b, 100)
  const reducer = await begin()
  await reducer.round()
  for (const [n, first] of [
    [1, true],
    [2, false],
    [4, true],
  ] as const)
    await find(a, n, 'x', first)
  await reach(a, 100)
  await reducer.round()
  const opened = await incidentOf(1)
  expect(opened).not.toBeNull()
  expect([await incidentOf(2), await incidentOf(4)]).toEqual([opened, opened])
})

test('another one goes on with what is open, also when the findings of it come again', async () => {
  const a = await take('a')
  const first = await begin()
  for (const n of [1, 2]) await find(a, n, 'x', n === 1)
  await reach(a, 3)
  await first.round()
  const opened = await incidentOf(2)
  await find(a, 4, 'x', false)
  await reach(a, 5)
  const second = await begin()
  await second.round()
  expect(await incidentOf(4)).toBe(opened)
  expect(await store.incidents.counts()).toMatchObject({ total: 1, open: 1 })
})

test('another one goes on with a run that is not long enough yet, and what no run needs any more goes', async () => {
  const a = await take('a')
  const first = await begin()
  await find(a, 1, 'x', true)
  await find(a, 1.5, 'alone', true)
  await reach(a, 2)
  await first.round()
  expect(await incidentOf(1)).toBeNull()
  await find(a, 3, 'x', false)
  await reach(a, 4)
  const second = await begin()
  await second.round()
  const opened = await incidentOf(3)
  expect(opened).not.toBeNull()
  expect(await incidentOf(1)).toBe(opened)
  expect((await store.findings.upTo(1e9, 9)).map(({ stepMs }) => stepMs)).toEqual([1500])
  // Silent for as long as it takes to resolve: its next anomaly begins a run of its own.
  await reach(a, 30)
  await second.round()
  expect(await store.findings.upTo(1e9, 9)).toEqual([])
  expect(await incidentOf(1.5)).toBeNull()
})

test('what could not be stored is the end of it, and the next one sees it anew', async () => {
  const a = await take('a')
  for (const n of [1, 2]) await find(a, n, 'x', n === 1)
  await reach(a, 3)
  const broken = {
    ...store,
    incidents: {
      save: async () => {
        throw new Error('disk full')
      },
      get: (id: string) => store.incidents.get(id),
      page: (filter: Parameters<Store['incidents']['page']>[0]) => store.incidents.page(filter),
      open: () => store.incidents.open(),
      counts: () => store.incidents.counts(),
    },
    findings: { upTo: (ms: number, limit: number) => store.findings.upTo(ms, limit), remove: async () => {} },
  }
  await expect((await begin(broken)).round()).rejects.toThrow('disk full')
  expect(told).toEqual([])
  await (await begin()).round()
  expect(await store.incidents.counts()).toMatchObject({ total: 1 })
  expect(told.map(([, change]) => change)).toEqual(['opened'])
})

test('a shard that nobody has holds nobody up for longer than the largest delay', async () => {
  const [a] = [await take('a'), await take('nobody has it')]
  wall = 50_000
  const reducer = await begin()
  for (const n of [1, 2]) await find(a, n, 'x', n === 1)
  await reach(a, 45)
  await reducer.round()
  expect(await incidentOf(2)).toBeNull()
  wall = 70_000
  await reach(a, 65)
  await reducer.round()
  expect(await incidentOf(2)).not.toBeNull()
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { Processor } from '../processor/processor.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { startProcessor, type TestProcessor } from '../testing/test-processor.ts'
import { Questions, type QuestionsOptions } from './questions.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-03-08T03:00:00Z')
const STREAM = 'sensors'

let store: Store
let far: TestProcessor[]
let processors: Processor[]
let counts: Record<string, number>
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' })
  far = []
  processors = []
  counts = {}
})
afterEach(async () => {
  for (const processor of processors) await processor.close()
  for (const one of far) await one.stop()
  await store.close()
})

/** A sensor with an episode of three minutes at each of these hours ago, in this order. */
async function sensor(
  entityId: string,
  episodes: readonly (readonly [hoursAgo: number, severity: number])[],
) {
  const processor = await startProcessor({ stream: STREAM, entityId, initial: 0.8 })
  processor.severities = new Map(
    episodes.flatMap(([hoursAgo, severity]) =>
      [0, 1, 2].map((more) => [(NOW - hoursAgo * HOUR) / MINUTE + more, severity] as const),
    ),
  )
  far.push(processor)
  processors.push(new Processor({ url: processor.url, timeoutMs: 10_000 }))
  return processor
}

function asking(options: Partial<QuestionsOptions> = {}) {
  let ids = 0
  const questions = new Questions({
    processors,
    store: store.questions,
    share: 1,
    mostOpen: 100,
    expiresAfterMs: 24 * HOUR,
    entitiesAtOnce: 50,
    clock: () => NOW,
    newId: () => `question ${ids++}`,
    counted: (outcome, count) => {
      counts[outcome] = (counts[outcome] ?? 0) + count
    },
    ...options,
  })
  return () => questions.round(new AbortController().signal)
}
const open = () => store.questions.open(NOW)

test('what stayed under its threshold and is over is asked about, with the probability', async () => {
  await sensor('boiler', [
    [2, 0.7],
    [5, 0.9],
    [30, 0.7],
    [0.1, 0.7],
  ])
  await asking({ share: 0.999_999 })()
  expect(await open()).toEqual([
    {
      id: 'question 0',
      stream: STREAM,
      entity_id: 'boiler',
      from: '2026-03-08T01:00:00.000Z',
      to: '2026-03-08T01:03:00.000Z',
      severity: 0.7,
      probability: 0.999_999,
      text: 'Was anything wrong with boiler on 2026-03-08 from 01:00 to 01:03 UTC?',
      asked_at: '2026-03-08T03:00:00.000Z',
    },
  ])
  expect(counts).toEqual({ asked: 1 })
})

test('the threshold in force counts: what it silenced is asked about', async () => {
  const boiler = await sensor('boiler', [[5, 0.9]])
  const round = asking()
  await round()
  expect(await open()).toEqual([])
  boiler.set(1)
  await round()
  expect(await open()).toMatchObject([{ severity: 0.9 }])
})

test('an episode is asked about once, whichever replica looks', async () => {
  await sensor('boiler', [[2, 0.7]])
  for (const round of [asking(), asking()]) {
    await round()
    await round()
  }
  expect(await open()).toHaveLength(1)
  expect(counts).toEqual({ asked: 1, full_or_known: 3 })
})

test('no more stand open than there may be; what is left out is counted', async () => {
  await sensor('boiler', [
    [2, 0.7],
    [4, 0.7],
    [6, 0.7],
  ])
  await asking({ mostOpen: 2 })()
  expect(await open()).toHaveLength(2)
  expect(counts).toEqual({ asked: 2, full_or_known: 1 })
})

test('a share is asked about, the same in every replica', async () => {
  // Twenty minutes apart.
  await sensor(
    'boiler',
    Array.from({ length: 60 }, (_, n) => [2 + n / 3, 0.7] as const),
  )
  await asking({ share: 0.3 })()
  const chosen = (await open()).map(({ from }) => from)
  expect(chosen.length).toBeGreaterThan(60 * 0.3 - 12)
  expect(chosen.length).toBeLessThan(60 * 0.3 + 12)
  await asking({ share: 0.3 })()
  expect((await open()).map(({ from }) => from)).toEqual(chosen)
  await asking({ share: 0 })()
  expect(await open()).toHaveLength(chosen.length)
})

test('entities take turns, over all processors', async () => {
  for (const name of ['a', 'b', 'c']) await sensor(name, [[2, 0.7]])
  const round = asking({ entitiesAtOnce: 1 })
  const asked: string[][] = []
  for (let n = 0; n < 4; n++) {
    await round()
    asked.push((await open()).map(({ entity_id }) => entity_id).toSorted())
  }
  expect(asked).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c']])
  // The fourth was the turn of the first again.
  expect(counts).toEqual({ asked: 3, full_or_known: 1 })
})

test('an entity of which nothing is kept is no fault; a processor that is away is', async () => {
  const boiler = await sensor('boiler', [[2, 0.7]])
  boiler.severities = undefined
  const round = asking()
  await round()
  expect(counts).toEqual({})
  await boiler.stop()
  await expect(round()).rejects.toMatchObject({ code: 'unreachable' })
})

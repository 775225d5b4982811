import { AlertValue, QuestionList, TunedEntityPage, TunerStatus, WhatIf } from '@adf/contract/feedback'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcessor, type TestProcessor } from '../testing/test-processor.ts'
import { startWebhook, type TestWebhook } from '../testing/test-webhook.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Date.parse('2026-03-08T03:00:00Z')
const STREAM = 'service'
const CART = 'shop/cart/cart-1'

let far: TestProcessor
let webhook: TestWebhook
beforeEach(async () => {
  far = await startProcessor({ stream: STREAM, entityId: CART, initial: 0.8, service: 'cart' })
  far.severities = new Map(
    [2, 5].flatMap((hoursAgo) =>
      [0, 1, 2].map((more) => [(NOW - hoursAgo * HOUR) / MINUTE + more, 0.7] as const),
    ),
  )
  webhook = await startWebhook(
    {
      processors: [{ url: far.url }],
      // Told and not made, so that nothing moves meanwhile.
      thresholding: { interval: '100ms', dry_run: true },
      feedback: { questions: { share: 0.5, interval: '1s' } },
    },
    { clock: () => NOW },
  )
})
afterEach(async () => {
  await webhook.stop()
  await far.stop()
})

const send = (method: string, path: string, body: object) =>
  webhook.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const status = async () => TunerStatus.parse((await webhook.request('/api/tuner')).body)
const entities = async (query = '') =>
  TunedEntityPage.parse((await webhook.request(`/api/tuner/entities${query}`)).body)
const questions = async () => QuestionList.parse((await webhook.request('/api/questions')).body).items

async function until<T>(condition: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
/** Somebody reports what nobody was alerted of, so that the tuner looks at the entity. */
const report = () =>
  send('POST', '/api/missed-incidents', {
    service: 'cart',
    started_at: new Date(NOW - 2 * HOUR).toISOString(),
    ended_at: new Date(NOW - 2 * HOUR + 3 * MINUTE).toISOString(),
    author: 'ann',
  })
const looked = () => until(async () => (await entities()).items[0])

test('a question is asked, answered once and counted', async () => {
  const asked = await until(async () => {
    const open = await questions()
    return open.length > 0 && open
  })
  expect(asked[0]).toMatchObject({ stream: STREAM, entity_id: CART, severity: 0.7, probability: 0.5 })
  expect(await webhook.metric('adf_feedback_questions_total{outcome="asked"}')).toBe(asked.length)
  const answer = { question_id: asked[0]?.id, verdict: 'true_positive', author: 'ann' }
  expect(await send('POST', '/api/feedback', answer)).toMatchObject({ status: 200 })
  expect((await questions()).map(({ id }) => id)).not.toContain(asked[0]?.id)
  // The tuner knows it as a verdict under the threshold; it stands for two.
  const entity = await until(async () => (await entities()).items.find(({ verdicts }) => verdicts === 1))
  expect(entity).toMatchObject({ entity_id: CART, precision: null, recall: [0, 0, expect.any(Number)] })
  const value = AlertValue.parse(
    (await webhook.request(`/api/alert-value?from=${new Date(NOW - 24 * HOUR).toISOString()}`)).body,
  )
  expect(value.total.recall).toMatchObject([0, 0, expect.any(Number)])
  expect(await send('POST', '/api/feedback', { ...answer, question_id: 'none' })).toMatchObject({
    status: 404,
  })
})

test('the tuner tells what it looks at, by stream and by entity', async () => {
  expect(await status()).toMatchObject({ policy: 'q-learning', dry_run: true, frozen: false, pools: [] })
  expect((await report()).status).toBe(201)
  expect(await looked()).toMatchObject({
    stream: STREAM,
    entity_id: CART,
    threshold: 0.8,
    held_by: 'initial',
    verdicts: 1,
    text: expect.stringMatching(/^Untuned: nobody has judged its alerts yet/),
  })
  expect(await status()).toMatchObject({
    pools: [{ stream: STREAM, entities: 1, verdicts: 1, budget_per_day: 3, frozen: false }],
    problems: [],
  })
  for (const query of [
    '?stream=host',
    '?entity=other',
    `?cursor=${encodeURIComponent(`${STREAM}\n${CART}`)}`,
  ])
    expect(await entities(query)).toEqual({ items: [], next_cursor: null })
  expect((await entities(`?stream=${STREAM}&limit=1`)).next_cursor).toBeNull()
})

test('an operator sees who holds a threshold, and freezes', async () => {
  await report()
  await looked()
  far.set(1.1)
  await until(async () => (await entities()).items[0]?.held_by === 'operator')
  const frozen = await send('PUT', '/api/tuner/freeze', { frozen: true, stream: STREAM, reason: 'release' })
  expect(frozen).toMatchObject({ status: 200, body: { frozen: false } })
  await until(async () => (await status()).pools[0]?.frozen)
  await until(async () => (await entities()).items[0]?.frozen)
  expect(await send('PUT', '/api/tuner/freeze', { frozen: true, reason: 'release' })).toMatchObject({
    body: { frozen: true, frozen_reason: 'release' },
  })
  expect(await send('PUT', '/api/tuner/freeze', { frozen: false })).toMatchObject({ body: { frozen: false } })
  expect(await send('PUT', '/api/tuner/freeze', { frozen: false, stream: STREAM })).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  })
  expect(await send('PUT', '/api/tuner/freeze', { frozen: true, entity_id: CART })).toMatchObject({
    status: 400,
  })
})

test('another threshold is tried on the past', async () => {
  await report()
  await looked()
  const { status: code, body } = await send('POST', '/api/tuner/what-if', {
    stream: STREAM,
    entity_id: CART,
    threshold: 0.6,
  })
  expect(code).toBe(200)
  expect(WhatIf.parse(body)).toMatchObject({ current: { alerts: 0, missed: 1 }, candidate: { alerts: 2 } })
  expect(far.puts).toEqual([])
})

test('a processor that is away is a problem, and is said', async () => {
  await report()
  await looked()
  await far.stop()
  const problems = await until(async () => {
    const { problems: said } = await status()
    return said.length > 0 && said
  })
  expect(problems[0]).toContain('its thresholds stay as they are')
})

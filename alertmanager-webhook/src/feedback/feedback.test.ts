import { createHmac } from 'node:crypto'
import type { Feedback, FeedbackPage } from '@adf/contract/feedback'
import { FeedbackLinks } from '@adf/service'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sampleNotification } from '../testing/notification.test-data.ts'
import { startWebhook, type TestWebhook } from '../testing/test-webhook.ts'

const SECRET = 's'.repeat(40)
const SLACK = 'slack signing secret'
const links = new FeedbackLinks([SECRET])
const DAY_MS = 86_400_000
let nowMs = Date.UTC(2026, 2, 1, 4)
let webhook: TestWebhook
let alertId: string

beforeEach(async () => {
  nowMs = Date.UTC(2026, 2, 1, 4)
  webhook = await startWebhook(
    { feedback: { secret: SECRET, slack: { signing_secret: SLACK }, per_author_per_minute: 5 } },
    { clock: () => nowMs },
  )
  await webhook.post(sampleNotification())
  const { body } = await webhook.request('/api/alerts')
  alertId = (body as { items: { id: string }[] }).items[0]?.id ?? ''
})
afterEach(() => webhook.stop())

const linkTo = (verdict: 'true_positive' | 'false_positive', expiresMs = nowMs + DAY_MS) =>
  `/feedback/${links.token({ target: { kind: 'alert', id: alertId }, verdict, expiresMs })}`
const press = (path: string, note = '') =>
  webhook.request(path, { method: 'POST', body: new URLSearchParams({ note }) })
const give = (body: object) =>
  webhook.request('/api/feedback', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const words = async () => ((await webhook.request('/api/feedback')).body as FeedbackPage).items

describe('a link', () => {
  test('asks first, and is good once', async () => {
    const path = linkTo('false_positive')
    const asked = await webhook.request(path)
    expect(asked.status).toBe(200)
    expect(asked.body).toContain('Yes, it was noise')
    expect(asked.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await webhook.request(path, { method: 'HEAD' })).status).toBe(200)
    expect(await words()).toEqual([])
    expect((await press(path, ' <b>backup</b> ')).body).toContain('Recorded as noise')
    expect(await words()).toMatchObject([
      {
        alert_id: alertId,
        verdict: 'false_positive',
        note: '<b>backup</b>',
        channel: 'link',
        author: null,
        delivered: true,
      },
    ])
    const again = await press(path, 'again')
    expect(again.body).toContain('This link was used already')
    expect(again.body).toContain('noise')
    expect(await words()).toHaveLength(1)
  })

  test('the other one revises', async () => {
    await press(linkTo('false_positive'))
    nowMs += 1000
    await press(linkTo('true_positive'))
    const { body } = await webhook.request(`/api/alerts/${alertId}`)
    expect(body).toMatchObject({ verdict: 'true_positive' })
    expect(await words()).toHaveLength(2)
  })

  test('expired: 410 and a page; forged: 404 and nothing told', async () => {
    const path = linkTo('false_positive', nowMs - 1)
    for (const answer of [await webhook.request(path), await press(path)]) {
      expect(answer.status).toBe(410)
      expect(answer.body).toContain('has expired')
    }
    const forged = `${linkTo('false_positive').slice(0, -3)}AAA`
    for (const answer of [
      await webhook.request(forged),
      await press(forged),
      await webhook.request('/feedback/x'),
    ]) {
      expect(answer.status).toBe(404)
      expect(answer.body).not.toContain(alertId)
    }
    expect(await words()).toEqual([])
  })

  test('two presses at once give one word', async () => {
    const path = linkTo('false_positive')
    const answers = await Promise.all([press(path), press(path), press(path)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await words()).toHaveLength(1)
  })

  test('what is no form is refused', async () => {
    const answer = await webhook.request(linkTo('false_positive'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(answer.status).toBe(415)
    expect(await words()).toEqual([])
  })
})

describe('POST /api/feedback', () => {
  test('is idempotent for a target and author, and revisable', async () => {
    const word = { alert_id: alertId, verdict: 'false_positive', author: 'ann' }
    const first = (await give(word)).body as Feedback
    expect((await give(word)).body).toEqual(first)
    nowMs += 1000
    await give({ ...word, verdict: 'true_positive', note: 'it was the disk' })
    expect((await words()).map(({ verdict }) => verdict)).toEqual(['true_positive', 'false_positive'])
  })

  test('is taken back, once for good', async () => {
    const { id } = (await give({ alert_id: alertId, verdict: 'false_positive', author: 'ann' }))
      .body as Feedback
    for (const status of [204, 204])
      expect((await webhook.request(`/api/feedback/${id}`, { method: 'DELETE' })).status).toBe(status)
    expect((await words())[0]?.withdrawn_at).not.toBeNull()
    expect((await webhook.request('/api/feedback/none', { method: 'DELETE' })).status).toBe(404)
  })

  test('what is not known is 404, what is long ago 410, two targets 400', async () => {
    const verdict = 'false_positive'
    expect(await give({ alert_id: 'none', verdict })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    const old = '018d2f3e-0000-7000-8000-000000000000'
    expect(await give({ incident_id: old, verdict })).toMatchObject({ status: 410, body: { code: 'gone' } })
    expect((await give({ alert_id: alertId, question_id: 'q', verdict })).status).toBe(400)
    expect((await give({ question_id: 'q', verdict })).status).toBe(404)
    expect(await words()).toEqual([])
  })

  test('a flood of one author is refused, others are heard', async () => {
    const say = (author: string) => give({ alert_id: alertId, verdict: 'false_positive', author })
    const statuses: number[] = []
    for (let n = 0; n < 8; n++) statuses.push((await say('troll')).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
    expect((await say('ann')).status).toBe(200)
  })

  test('contradicting words are kept, and the heavier sum stands', async () => {
    for (const [author, verdict] of [
      ['ann', 'false_positive'],
      ['ben', 'false_positive'],
      ['cat', 'true_positive'],
    ]) {
      nowMs += 1000
      await give({ alert_id: alertId, verdict, author })
    }
    expect(await words()).toHaveLength(3)
    expect((await webhook.request(`/api/alerts/${alertId}`)).body).toMatchObject({
      verdict: 'false_positive',
    })
  })
})

describe('a button in Slack', () => {
  const pressButton = (value: string, { atMs = nowMs, key = SLACK } = {}) => {
    const payload = { type: 'block_actions', user: { id: 'U1' }, actions: [{ type: 'button', value }] }
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
    const timestamp = String(Math.floor(atMs / 1000))
    const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`
    return webhook.request('/slack/interactive', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature,
      },
      body,
    })
  }

  test('gives the verdict and replaces the message', async () => {
    const value = `http://webhook.example${linkTo('true_positive')}`
    expect(await pressButton(value)).toMatchObject({
      status: 200,
      body: { replace_original: true, text: expect.stringContaining('<@U1> called this useful.') },
    })
    expect(await words()).toMatchObject([{ author: 'slack:U1', channel: 'slack', verdict: 'true_positive' }])
    expect((await pressButton(value)).body).toMatchObject({
      text: expect.stringContaining('pressed this button before'),
    })
    expect(await words()).toHaveLength(1)
  })

  test('with a wrong signature, an old one or no link of ours nothing is stored', async () => {
    const value = linkTo('true_positive')
    expect((await pressButton(value, { key: 'other' })).status).toBe(401)
    expect((await pressButton(value, { atMs: nowMs - 301_000 })).status).toBe(401)
    expect((await pressButton('a.b')).status).toBe(404)
    expect(await words()).toEqual([])
  })
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Config as WebhookConfig } from '@adf/alertmanager-webhook'
import { Config as ProcessorConfig } from '@adf/processor'
import { afterAll, expect, test } from 'vitest'
import { connected } from './connected.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-connected-'))
afterAll(() => rmSync(folder, { recursive: true }))
const store = { path: join(folder, 'webhook.db') }
const key = 'a key that is long enough to be one of these'

test('alerts carry links to the webhook, and it tunes this processor, where nobody says otherwise', async () => {
  const { processor, webhook } = await connected(ProcessorConfig.parse({}), WebhookConfig.parse({ store }))
  const secret_file = join(folder, 'feedback.key')
  expect(processor.deliver.feedback).toMatchObject({ url: 'http://127.0.0.1:8082', secret_file })
  expect(webhook?.feedback.secret_file).toBe(secret_file)
  expect(webhook?.processors).toMatchObject([{ url: 'http://127.0.0.1:8080' }])
  const made = readFileSync(secret_file, 'utf8')
  expect(made.trim().length).toBeGreaterThanOrEqual(32)
  await connected(ProcessorConfig.parse({}), WebhookConfig.parse({ store }))
  expect(readFileSync(secret_file, 'utf8')).toBe(made)
})

test.each<[string, object, object]>([
  ['a key at the webhook', {}, { feedback: { secret: key } }],
  ['links at the processor', { deliver: { feedback: { url: 'https://adf.example', secret: key } } }, {}],
  ['a port that the system chooses', {}, { api: { port: 0 } }],
  ['a store in memory', {}, { store: { path: ':memory:' } }],
  ['a store in PostgreSQL', {}, { store: { url: 'postgres://adf@db.example/adf' } }],
])('no links with %s', async (_, given, beside) => {
  const processor = ProcessorConfig.parse(given)
  const webhook = WebhookConfig.parse({ store, ...beside })
  const both = await connected(processor, webhook)
  expect(both.processor).toEqual(processor)
  expect(both.webhook?.feedback).toEqual(webhook.feedback)
})

test.each<[string, object, object]>([
  ['others are configured', {}, { processors: [{ url: 'http://10.0.0.1:8080' }] }],
  [
    'the API wants tokens',
    { auth: { tokens: [{ name: 'ops', sha256: 'a'.repeat(64), scopes: ['admin'] }] } },
    {},
  ],
])('this processor is not tuned where %s', async (_, given, beside) => {
  const webhook = WebhookConfig.parse({ store, ...beside })
  const both = await connected(ProcessorConfig.parse(given), webhook)
  expect(both.webhook?.processors).toEqual(webhook.processors)
})

test('no webhook, nothing changes', async () => {
  const processor = ProcessorConfig.parse({})
  expect(await connected(processor, undefined)).toEqual({ processor, webhook: undefined })
})

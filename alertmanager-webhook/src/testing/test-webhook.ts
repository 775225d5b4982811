import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@adf/service'
import { createWebhook, type Webhook, type WebhookOptions } from '../app.ts'
import { Config } from '../config.ts'

type Tree = { readonly [key: string]: unknown }

export interface TestWebhook {
  readonly webhook: Webhook
  readonly url: string
  request(path: string, init?: RequestInit): Promise<{ status: number; body: unknown; headers: Headers }>
  post(body: unknown, headers?: Record<string, string>): ReturnType<TestWebhook['request']>
  metric(name: string): Promise<number | undefined>
  stop(): Promise<void>
}

/** A webhook on a free port, with a store of its own. */
export async function startWebhook(
  config: Tree = {},
  options: Partial<WebhookOptions> = {},
): Promise<TestWebhook> {
  const folder = mkdtempSync(join(tmpdir(), 'adf-webhook-'))
  const webhook = await createWebhook({
    config: Config.parse({
      log: { level: 'silent' },
      api: { port: 0 },
      store: { path: join(folder, 'webhook.db') },
      ...config,
    }),
    log: createLogger({ name: 'test', level: 'silent' }),
    version: '0',
    ...options,
  })
  await webhook.start()
  const { url } = webhook.api
  const request = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${url}${path}`, init)
    const text = await answer.text()
    const isJson = /json/.test(answer.headers.get('content-type') ?? '')
    const body: unknown = isJson ? JSON.parse(text) : text
    return { status: answer.status, body, headers: answer.headers }
  }
  return {
    webhook,
    url,
    request,
    post: (body, headers = {}) =>
      request('/webhook/alertmanager', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      }),
    async metric(name) {
      const line = (await webhook.registry.metrics()).split('\n').find((text) => text.startsWith(name))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
    async stop() {
      await webhook.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

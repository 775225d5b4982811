import { dirname, join } from 'node:path'
import { DEFAULT_PATH, type Config as WebhookConfig } from '@adf/alertmanager-webhook'
import type { Config as ProcessorConfig } from '@adf/processor'
import { ensureKeyFile } from '@adf/service'

interface Both {
  readonly processor: ProcessorConfig
  readonly webhook: WebhookConfig | undefined
}

/**
 * The two configurations of one process, with what connects them where neither says anything of it: alerts carry one-click links, signed with
 * a key in a file beside the webhook's store, and the webhook tunes the thresholds of this processor. Not where ports are chosen by the system; no
 * links where the store is no file.
 */
export async function connected(
  processor: ProcessorConfig,
  webhook: WebhookConfig | undefined,
): Promise<Both> {
  if (webhook === undefined) return { processor, webhook }
  return withLinks({ processor, webhook: withProcessor(processor, webhook) })
}

/** Without tokens only: with them it is for the operator to say which one the webhook has. */
function withProcessor({ api, auth }: ProcessorConfig, webhook: WebhookConfig): WebhookConfig {
  if (webhook.processors.length > 0 || api.port === 0 || api.tls !== undefined || auth.tokens.length > 0)
    return webhook
  return { ...webhook, processors: [{ url: urlOf(api), timeout: 10_000 }] }
}

async function withLinks({ processor, webhook }: Required<Both> & { webhook: WebhookConfig }): Promise<Both> {
  const { feedback } = processor.deliver
  const configured = [feedback.url, feedback.secret, feedback.secret_file]
  const own = [webhook.feedback.secret, webhook.feedback.secret_file]
  const { api, store } = webhook
  if ([...configured, ...own].some((value) => value !== undefined) || api.port === 0 || api.tls !== undefined)
    return { processor, webhook }
  // Replicas on one PostgreSQL, each with a key of its own, would not know each other's links.
  if (store.url !== undefined || store.path === ':memory:') return { processor, webhook }
  const secret_file = join(dirname(store.path ?? DEFAULT_PATH), 'feedback.key')
  await ensureKeyFile(secret_file)
  const deliver = { ...processor.deliver, feedback: { ...feedback, url: urlOf(api), secret_file } }
  return {
    processor: { ...processor, deliver },
    webhook: { ...webhook, feedback: { ...webhook.feedback, secret_file } },
  }
}

/** As it is reached from this machine. */
function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const anywhere = host === '0.0.0.0' || host === '::'
  const name = anywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

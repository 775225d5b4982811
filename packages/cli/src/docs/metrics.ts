import { createWebhook, Config as WebhookConfig } from '@adf/alertmanager-webhook'
import { createFederationServer, Config as FederationConfig } from '@adf/federation-server'
import { Config, createProcessor } from '@adf/processor'
import { createLogger } from '@adf/service'
import type { Registry } from 'prom-client'
import { markdownTable } from './table.ts'

/** Parts of Node and of the process: prom-client's own documentation has them. */
const FOREIGN = /^(nodejs|process)_/

/** docs/metrics.md: what a processor registers. */
export async function renderMetrics(): Promise<string> {
  const processor = await createProcessor({
    // With every part that has metrics; nothing of it is started.
    config: Config.parse({
      store: { path: ':memory:' },
      federation: { enabled: true, url: 'http://127.0.0.1:8081' },
      kafka: { brokers: ['127.0.0.1:9092'], publish: { anomalies: 'adf.anomalies' } },
    }),
    log: createLogger({ name: 'docs', level: 'silent' }),
    version: '0',
  })
  const table = tableOf(processor.registry)
  await processor.stop()
  return `# Metrics of the processor

Made by \`npm run docs\`.

\`GET /metrics\` has them in the Prometheus text format, besides \`process_*\` and \`nodejs_*\`. Label sets are bounded: none holds
more than the configuration lets in. [Operations](operations.md) says which to watch.

${table}
`
}

/** docs/federation-metrics.md: what a federation server registers. */
export async function renderFederationMetrics(): Promise<string> {
  const server = await createFederationServer({
    config: FederationConfig.parse({ store: { path: ':memory:' } }),
    log: createLogger({ name: 'docs', level: 'silent' }),
    version: '0',
  })
  const table = tableOf(server.registry)
  await server.stop()
  return `# Metrics of the federation server

Made by \`npm run docs\`.

\`GET /metrics\` has them in the Prometheus text format, besides \`process_*\` and \`nodejs_*\`. Labels are runs of the configuration and
fixed words; no client is ever one.

${table}
`
}

/** docs/webhook-metrics.md: what a webhook registers. */
export async function renderWebhookMetrics(): Promise<string> {
  const webhook = await createWebhook({
    config: WebhookConfig.parse({ store: { path: ':memory:' } }),
    log: createLogger({ name: 'docs', level: 'silent' }),
    version: '0',
  })
  const table = tableOf(webhook.registry)
  await webhook.stop()
  return `# Metrics of the Alertmanager webhook

Made by \`npm run docs\`.

\`GET /metrics\` has them in the Prometheus text format, besides \`process_*\` and \`nodejs_*\`. Labels are fixed words and places in lists of the
configuration; nothing that a notification says is ever one.

${table}
`
}

function tableOf(registry: Registry): string {
  const rows = registry
    .getMetricsAsArray()
    .filter(({ name }) => !FOREIGN.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((metric) => [`\`${metric.name}\``, String(metric.type), labelsOf(metric), metric.help])
  return markdownTable(['Metric', 'Type', 'Labels', 'Meaning'], rows)
}

/** prom-client keeps the names of the labels, and does not declare them. */
function labelsOf(metric: object): string {
  const names = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : []
  return names.map((name) => `\`${name}\``).join(', ')
}

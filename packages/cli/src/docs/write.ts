import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Config as WebhookConfig } from '@adf/alertmanager-webhook'
import { renderApi, renderFederationApi, renderWebhookApi } from '@adf/contract'
import { Config as FederationConfig } from '@adf/federation-server'
import { Config } from '@adf/processor'
import { describeConfig } from '@adf/service'
import {
  renderConfiguration,
  renderFederationConfiguration,
  renderWebhookConfiguration,
} from './configuration.ts'
import { renderErrors } from './errors.ts'
import { renderFederationMetrics, renderMetrics, renderWebhookMetrics } from './metrics.ts'

/** Documents that are made from the source: one line for each. */
const documents: readonly { file: string; render: () => string | Promise<string> }[] = [
  { file: 'docs/configuration.md', render: () => renderConfiguration(describeConfig(Config)) },
  { file: 'docs/errors.md', render: renderErrors },
  { file: 'docs/api.md', render: renderApi },
  { file: 'docs/federation-api.md', render: renderFederationApi },
  { file: 'docs/metrics.md', render: renderMetrics },
  {
    file: 'docs/federation-configuration.md',
    render: () => renderFederationConfiguration(describeConfig(FederationConfig)),
  },
  { file: 'docs/federation-metrics.md', render: renderFederationMetrics },
  { file: 'docs/webhook-api.md', render: renderWebhookApi },
  {
    file: 'docs/webhook-configuration.md',
    render: () => renderWebhookConfiguration(describeConfig(WebhookConfig)),
  },
  { file: 'docs/webhook-metrics.md', render: renderWebhookMetrics },
]

// Writes them; with --check writes nothing, names those that are not current and exits with 1.
const root = join(import.meta.dirname, '../../../..')
const checking = process.argv.includes('--check')
for (const { file, render } of documents) {
  const path = join(root, file)
  const wanted = await render()
  const present = await readFile(path, 'utf8').catch(() => '')
  if (present === wanted) continue
  if (checking) {
    process.stderr.write(`${file} is not current: run npm run docs\n`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, wanted)
    process.stdout.write(`wrote ${file}\n`)
  }
}

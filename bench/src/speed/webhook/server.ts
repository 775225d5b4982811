// A process of its own: `server.ts FOLDER`. Sends its URL, and on the message `usage` its CPU seconds and resident bytes.
import { join } from 'node:path'
import { Config, createWebhook } from '@adf/alertmanager-webhook'
import { createLogger } from '@adf/service'

const [folder = ''] = process.argv.slice(2)
const webhook = await createWebhook({
  config: Config.parse({ api: { port: 0 }, store: { path: join(folder, 'webhook.db') } }),
  log: createLogger({ name: 'bench', level: 'error' }),
  version: '0',
})
await webhook.start()
process.send?.({ url: webhook.api.url })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: (user + system) / 1e6, rss: process.memoryUsage().rss })
})
process.on('disconnect', () => void webhook.stop().then(() => process.exit(0)))

import { createLogger, runProcess } from '@adf/service'
import { createWebhook } from './app.ts'
import type { Config } from './config.ts'

/** The Alertmanager webhook as a process of its own: runs until a signal ends it, and resolves to the exit status. */
export async function runWebhook(options: {
  config: Config
  version: string
  insecure: boolean
}): Promise<number> {
  const { config, version, insecure } = options
  const log = createLogger({ name: 'adf-webhook', level: config.log.level, pretty: config.log.pretty })
  return runProcess(await createWebhook({ config, log, version, insecure }), log)
}

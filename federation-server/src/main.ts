import { createLogger, runProcess } from '@adf/service'
import { createFederationServer } from './app.ts'
import type { Config } from './config.ts'

/** The federation server as a process of its own: runs until a signal ends it, and resolves to the exit status. */
export async function runFederationServer(options: {
  config: Config
  version: string
  insecure: boolean
}): Promise<number> {
  const { config, version, insecure } = options
  const log = createLogger({ name: 'adf-federation', level: config.log.level, pretty: config.log.pretty })
  return runProcess(await createFederationServer({ config, log, version, insecure }), log)
}

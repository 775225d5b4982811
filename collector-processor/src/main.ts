import { createLogger, runProcess } from '@adf/service'
import { createProcessor } from './app.ts'
import type { Config } from './config.ts'

/** The processor as a process of its own: runs until a signal ends it, and resolves to the exit status. */
export async function runProcessor(options: {
  config: Config
  version: string
  insecure: boolean
}): Promise<number> {
  const { config, version, insecure } = options
  const log = createLogger({ name: 'adf', level: config.log.level, pretty: config.log.pretty })
  return runProcess(await createProcessor({ config, log, version, insecure }), log)
}

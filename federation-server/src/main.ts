import { setFlagsFromString } from 'node:v8'
import { createLogger, runProcess } from '@adf/service'
import { createFederationServer } from './app.ts'
import type { Config } from './config.ts'

/**
 * How much the heap grows between full collections. V8's own choice lets the garbage of a thousand clients' requests become 150 MB beside 50 MB that are in
 * use; collections are rare here, and mostly made beside the program.
 */
const HEAP_GROWING_PERCENT = 50

/** The federation server as a process of its own: runs until a signal ends it, and resolves to the exit status. */
export async function runFederationServer(options: {
  config: Config
  version: string
  insecure: boolean
}): Promise<number> {
  const { config, version, insecure } = options
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  const log = createLogger({ name: 'adf-federation', level: config.log.level, pretty: config.log.pretty })
  return runProcess(await createFederationServer({ config, log, version, insecure }), log)
}

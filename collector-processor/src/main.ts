import { setFlagsFromString } from 'node:v8'
import { createLogger, runProcess } from '@adf/service'
import { createProcessor } from './app.ts'
import type { Config } from './config.ts'

/**
 * How far the heap may grow between two full collections, in per cent of what the last one left. Request bodies are memory outside
 * of V8's heap that counts towards its limit: by V8's own rule it was marked six times a second under load, for a third of
 * the CPU time (docs/benchmarks.md). V8 reads this flag at each collection, so that it may be set here.
 */
const HEAP_GROWING_PERCENT = 300

/** The processor as a process of its own: runs until a signal ends it, and resolves to the exit status. */
export async function runProcessor(options: {
  config: Config
  version: string
  insecure: boolean
}): Promise<number> {
  const { config, version, insecure } = options
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  const log = createLogger({ name: 'adf', level: config.log.level, pretty: config.log.pretty })
  return runProcess(await createProcessor({ config, log, version, insecure }), log)
}

import { type Component, createLogger, Lifecycle, runProcess } from '@adf/service'
import { createProcessor } from './app.ts'
import type { Config } from './config.ts'

/** Each part has its own, shorter limit for what it stops. */
const STOP_TIMEOUT_MS = 120_000

/**
 * The processor as a process: runs until a signal ends it, and resolves to the exit status.
 * `beside` runs in the same process: it starts before the processor, and stops after it; `inFront` the other way round.
 */
export async function runProcessor(options: {
  config: Config
  version: string
  insecure: boolean
  beside?: Component | undefined
  inFront?: Component | undefined
}): Promise<number> {
  const { config, version, insecure, beside, inFront } = options
  const log = createLogger({ name: 'adf', level: config.log.level, pretty: config.log.pretty })
  const processor = await createProcessor({ config, log, version, insecure })
  const parts = [beside, processor, inFront].filter((part) => part !== undefined)
  return runProcess(new Lifecycle(parts, { stopTimeoutMs: STOP_TIMEOUT_MS }), log)
}

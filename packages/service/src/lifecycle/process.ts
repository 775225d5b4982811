import type { Logger } from 'pino'
import type { Component } from './component.ts'
import { type StartFault, startFaultOf } from './start-fault.ts'

/**
 * Runs a component as the process: starts it, stops it on SIGTERM, SIGINT or `until`, and resolves to the exit status
 * (0 stopped as asked, 1 start, stop or run failed). A second signal ends the process at once with status 1; an
 * unhandled error is logged and stops it with status 1. The caller exits: `process.exit(await runProcess(…))`.
 * A start that failed for a reason of the operator's is not logged: it rejects with that StartFault, for the caller to tell.
 */
export async function runProcess(
  component: Component,
  log: Logger,
  { until }: { until?: AbortSignal } = {},
): Promise<number> {
  let status = 0
  let fault: StartFault | undefined
  const asked = Promise.withResolvers<void>()
  let signals = 0

  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1
    if (signals > 1) {
      log.warn({ signal }, 'second signal, ending now')
      process.exit(1)
    }
    log.info({ signal }, 'stopping')
    asked.resolve()
  }
  const onError = (error: unknown) => {
    log.fatal({ err: error }, 'unhandled error, stopping')
    status = 1
    asked.resolve()
  }
  const onAbort = () => asked.resolve()
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('uncaughtException', onError)
  process.on('unhandledRejection', onError)
  until?.addEventListener('abort', onAbort, { once: true })
  if (until?.aborted) asked.resolve()

  try {
    const started = component.start().then(
      () => log.info('started'),
      (error: unknown) => {
        fault = startFaultOf(error)
        if (fault === undefined) log.fatal({ err: error }, 'could not start')
        status = 1
        asked.resolve()
      },
    )
    await Promise.race([started.then(() => asked.promise), asked.promise])
    await component.stop()
    if (fault === undefined) log.info('stopped')
  } catch (error) {
    log.error({ err: error }, 'did not stop cleanly')
    status = 1
  } finally {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    process.off('uncaughtException', onError)
    process.off('unhandledRejection', onError)
    until?.removeEventListener('abort', onAbort)
  }
  if (fault !== undefined) throw fault
  return status
}

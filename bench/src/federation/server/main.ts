import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Config, createFederationServer } from '@adf/federation-server'
import { createLogger } from '@adf/service'
import type { FromServer, ServerArguments, ToServer } from './messages.ts'

/** A federation server as a process of its own, which says how long its event loop was held, and takes itself down at a durable step when it is told to. */
const { config, at }: ServerArguments = JSON.parse(process.argv[2] ?? '{}')
const tell = (message: FromServer) => void process.send?.(message)
const reach = (place: 'before' | 'after') => (step: string) => {
  if (at?.place === place && at.step === step) process.kill(process.pid, 'SIGKILL')
}
const delay = monitorEventLoopDelay({ resolution: 5 })
const server = await createFederationServer({
  config: Config.parse(config),
  log: createLogger({ name: 'bench', level: 'error' }),
  version: '0',
  steps: { before: reach('before'), after: reach('after') },
})
await server.start()
delay.enable()
process.on('message', (message: ToServer) => {
  if (message === 'stop') void server.stop().then(() => process.exit(0))
  else {
    tell({ kind: 'delay', longestMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 })
    delay.reset()
  }
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'listening', url: server.api.url })

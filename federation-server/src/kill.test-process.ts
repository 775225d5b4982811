import { createLogger } from '@adf/service'
import { createFederationServer } from './app.ts'
import type { DurableStep } from './coordinator/steps.ts'
import { testConfig } from './testing/test-server.ts'

/** A federation server that takes itself down with SIGKILL when it comes to a step: `PATH before|after STEP`. Prints its URL. Without a step it runs on. */
const [path = '', place = '', step = ''] = process.argv.slice(2)
const at = (where: string, reached: DurableStep) => {
  if (where === place && reached === step) process.kill(process.pid, 'SIGKILL')
}
const server = await createFederationServer({
  config: testConfig(path, { min_clients_per_round: 3, num_rounds: 3 }, {}, { lease: '200ms' }),
  log: createLogger({ name: 'test', level: 'error' }),
  version: '0',
  steps: { before: (reached) => at('before', reached), after: (reached) => at('after', reached) },
})
await server.start()
process.stdout.write(`${server.api.url}\n`)
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))

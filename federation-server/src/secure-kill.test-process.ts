import { createLogger } from '@adf/service'
import { createFederationServer } from './app.ts'
import type { DurableStep } from './coordinator/steps.ts'
import { masked } from './testing/masking-site.ts'
import { testConfig } from './testing/test-server.ts'

/** A server that aggregates securely, and takes itself down with SIGKILL when it comes to a step: `PATH PORT before|after STEP`. Prints its URL. Without a step it runs on. */
const [path = '', port = '0', place = '', step = ''] = process.argv.slice(2)
const at = (where: string, reached: DurableStep) => {
  if (where === place && reached === step) process.kill(process.pid, 'SIGKILL')
}
const server = await createFederationServer({
  config: testConfig(
    path,
    { min_clients_per_round: 3, num_rounds: 2, round_deadline: '10m' },
    masked({ phase_deadline: '10m' }),
    {
      lease: '200ms',
      api: { port: Number(port) },
    },
  ),
  log: createLogger({ name: 'test', level: 'error' }),
  version: '0',
  steps: { before: (reached) => at('before', reached), after: (reached) => at('after', reached) },
})
await server.start()
process.stdout.write(`${server.api.url}\n`)
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))

import { createLogger } from '@adf/service'
import { createFederationServer } from '../app.ts'
import type { DurableStep } from '../coordinator/steps.ts'
import { testConfig } from './test-server.ts'

/**
 * A federation server that takes itself down with SIGKILL when it comes to a step: `PATH PORT COORDINATOR FEDERATED before|after STEP`, sections of its
 * configuration as JSON. Prints its URL. Without a step it runs on.
 */
const [path = '', port = '0', coordinator = '{}', federated = '{}', place = '', step = ''] =
  process.argv.slice(2)
const at = (where: string, reached: DurableStep) => {
  if (where === place && reached === step) process.kill(process.pid, 'SIGKILL')
}
const rest = { lease: '200ms', api: { port: Number(port) } }
const server = await createFederationServer({
  config: testConfig(path, JSON.parse(coordinator), JSON.parse(federated), rest),
  log: createLogger({ name: 'test', level: 'error' }),
  version: '0',
  steps: { before: (reached) => at('before', reached), after: (reached) => at('after', reached) },
})
await server.start()
process.stdout.write(`${server.api.url}\n`)
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)))

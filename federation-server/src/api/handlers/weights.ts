import { federationRoutes } from '@adf/contract/federation'
import { encodeDense } from '@adf/detectors/update'
import { weightsOf } from '@adf/federation/weights'
import { ProblemError } from '@adf/service'
import type { ApiPorts } from '../ports.ts'
import type { SignedEndpoints } from '../signed.ts'
import { runOf } from './work.ts'

/** The global weights, as the way from one version to the next, or dense. */
export function weightEndpoints(endpoints: SignedEndpoints, ports: ApiPorts): void {
  const { store, metrics } = ports
  const send = async (run: string, client: string, bytes: Uint8Array) => {
    await store.presence.sent(run, client, bytes.length)
    metrics.bytes.inc({ run, direction: 'down' }, bytes.length)
    return new Uint8Array(bytes)
  }
  endpoints
    .on(federationRoutes.getDelta, async ({ params, caller }) => {
      const { name } = runOf(ports, params.run)
      const delta = await store.runs.delta(name, params.version)
      if (delta === undefined)
        throw new ProblemError(
          'not_found',
          `there is no way to version ${params.version} any more; take it dense`,
        )
      return send(name, caller, delta)
    })
    .on(federationRoutes.getVersion, async ({ params, caller }) => {
      const { name, count } = runOf(ports, params.run)
      const weights = (await store.runs.version(name, params.version))?.weights
      if (weights === undefined)
        throw new ProblemError(
          'not_found',
          `version ${params.version} is not kept; ask for work to learn the latest`,
        )
      if (params.version === 0)
        throw new ProblemError('not_found', 'version 0 is never sent: it follows from the seed of the model')
      return send(name, caller, encodeDense(weightsOf(weights, count)))
    })
}

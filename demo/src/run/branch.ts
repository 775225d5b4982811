import { join } from 'node:path'
import { exampleStreams } from '../simulate/streams.ts'
import { AdfProcess } from './adf-process.ts'
import { FEDERATED_NETWORK, FEDERATED_STREAM, federationSection, type Membership } from './membership.ts'
import { freePort } from './ports.ts'

/** Starts another site of the federation: an `adf up` of its own that has servers to watch, and no shop. */
export async function startBranch(program: URL, membership: Membership): Promise<AdfProcess> {
  const [grpc, http, port] = [await freePort(), await freePort(), await freePort()]
  return AdfProcess.start({
    name: `adf up of ${membership.name}`,
    program,
    url: `http://127.0.0.1:${port}`,
    standsBack: true,
    args: ['up', '--config', 'adf.yaml', '--console', 'off'],
    configs: (folder) => ({
      'adf.yaml': {
        log: { level: 'warn' },
        receiver: { grpc: { port: grpc }, http: { port: http } },
        api: { port },
        // Here the network has a say.
        edge: { detection: { detectors: ['robust', FEDERATED_NETWORK, 'rules'] } },
        streams: { [FEDERATED_STREAM]: exampleStreams()[FEDERATED_STREAM] },
        federation: federationSection(membership, folder),
        store: { path: join(folder, 'adf.db') },
      },
    }),
  })
}

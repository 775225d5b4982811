import { join } from 'node:path'
import { Invitation } from '@adf/contract/federation'
import { AdfProcess } from './adf-process.ts'
import { FEDERATED_NETWORK, FEDERATED_STREAM, type Membership } from './membership.ts'
import { freePort } from './ports.ts'

/** Starts `adf federation`. @param features of the stream, in order @param sites that a round waits for */
export async function startFederationServer(
  program: URL,
  { features, sites }: { readonly features: readonly string[]; readonly sites: number },
): Promise<AdfProcess> {
  const port = await freePort(8081)
  return AdfProcess.start({
    name: 'adf federation',
    program,
    url: `http://127.0.0.1:${port}`,
    standsBack: true,
    args: ['federation', '--config', 'federation.yaml'],
    configs: (folder) => ({
      'federation.yaml': {
        log: { level: 'warn' },
        api: { port },
        store: { path: join(folder, 'federation.db') },
        federated: {
          coordinator: { min_clients_per_round: sites, gather: '1s', round_deadline: '2m' },
          // A few thousand vectors of four features: more of each round than where there are many rounds.
          training: { epochs: 4, batch_size: 16, learning_rate: 0.01 },
          // So few sites are too few to tell which of them is the odd one.
          poisoning_detection: { enabled: false },
          runs: { servers: { stream: FEDERATED_STREAM, features, kind: FEDERATED_NETWORK } },
        },
      },
    }),
  })
}

/** Invites a site, as an operator would with `adf federation invite`. @param url of the server */
export async function invite(url: string, name: string): Promise<Membership> {
  const response = await fetch(`${url}/api/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  if (!response.ok)
    throw new Error(`${url}/api/invitations answered ${response.status}: ${await response.text()}`)
  return { url, name, token: Invitation.parse(await response.json()).token }
}

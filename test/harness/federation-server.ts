import { join } from 'node:path'
import { FederationStatus, Invitation } from '@adf/contract/federation'
import { freePort, type Running, run, temporaryFolder, until } from './process.ts'

export interface RunningFederation {
  readonly url: string
  readonly process: Running
  /** A one-time token for a new site. */
  invite(): Promise<string>
  status(): Promise<FederationStatus>
  /** Starts again on the same port and database. */
  restart(): Promise<RunningFederation>
  stop(): Promise<void>
}

/** The federation server as a process of its own, on a free port, with its database in a temporary folder. @param federated section of its configuration */
export async function startFederation(federated: object): Promise<RunningFederation> {
  const folder = temporaryFolder()
  return launch({ folder, port: await freePort(), federated })
}

interface Place {
  readonly folder: { readonly path: string; remove(): void }
  readonly port: number
  readonly federated: object
}

async function launch(place: Place): Promise<RunningFederation> {
  const { folder, port, federated } = place
  const url = `http://127.0.0.1:${port}`
  const config = {
    log: { level: 'warn' },
    api: { port },
    store: { path: join(folder.path, 'federation.db') },
    lease: '500ms',
    federated,
  }
  const program = join(import.meta.dirname, 'federation-server.program.ts')
  const child = run(process.execPath, [program, JSON.stringify(config)])
  const ended = child.exited.then((code) => {
    throw new Error(`the federation server ended with ${code}:\n${child.output()}`)
  })
  await Promise.race([
    until(`a federation server at ${url}`, async () => (await fetch(`${url}/ready`)).ok),
    ended,
  ])
  ended.catch(() => {})
  return {
    url,
    process: child,
    async invite() {
      const answer = await fetch(`${url}/api/invitations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
      return Invitation.parse(await answer.json()).token
    },
    status: async () => FederationStatus.parse(await (await fetch(`${url}/api/status`)).json()),
    async restart() {
      await child.stop('SIGKILL')
      return launch(place)
    },
    async stop() {
      await child.stop()
      folder.remove()
    },
  }
}

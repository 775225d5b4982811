import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Invitation } from '@adf/contract/federation'
import { createLogger } from '@adf/service'
import { createFederationServer, type FederationServer, type FederationServerOptions } from '../app.ts'
import { Config } from '../config.ts'
import { TestClient } from './test-client.ts'

export const RUN = 'service-lstm'
const FEATURES = ['a', 'b', 'c']
const NETWORK = { kind: 'lstm', inputs: 3, hidden: 8, layers: 1 } as const
const SEED = 7

type Tree = { readonly [key: string]: unknown }

/** A small run that goes fast; more settings of the coordinator and others. */
export function testConfig(path: string, coordinator: Tree = {}, more: Tree = {}, rest: Tree = {}): Config {
  return Config.parse({
    log: { level: 'silent' },
    api: { port: 0 },
    store: { path },
    lease: '3s',
    clients: { requests_per_second: 10_000, burst: 10_000 },
    ...rest,
    federated: {
      coordinator: { gather: 0, num_rounds: 4, round_deadline: '60s', ...coordinator },
      runs: { [RUN]: { features: FEATURES, hidden_size: 8, num_layers: 1, seed: SEED } },
      ...more,
    },
  })
}

export interface TestServer {
  readonly server: FederationServer
  readonly path: string
  readonly url: string
  invite(invitation?: object): Promise<Invitation>
  /** An enrolled client; its updates follow from its number. */
  client(number: number, invitation?: object): Promise<TestClient>
  get(path: string): Promise<unknown>
  post(path: string, body?: object): Promise<{ status: number; body: unknown }>
  put(path: string, body: object): Promise<{ status: number; body: unknown }>
  /** Holds the run back until all who come have asked for work, so that its next round begins with every one of them. */
  whileHeldBack<T>(come: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

export async function startServer(
  options: {
    path?: string
    coordinator?: Tree
    federated?: Tree
    config?: Tree
    server?: Partial<FederationServerOptions>
  } = {},
): Promise<TestServer> {
  const folder = options.path === undefined ? mkdtempSync(join(tmpdir(), 'adf-federation-')) : undefined
  const path = options.path ?? join(folder ?? '', 'federation.db')
  const server = await createFederationServer({
    config: testConfig(path, options.coordinator, options.federated, options.config),
    log: createLogger({ name: 'test', level: 'silent' }),
    version: '0',
    ...options.server,
  })
  await server.start()
  const { url } = server.api
  const send = async (method: string, to: string, body: object) => {
    const answer = await fetch(`${url}${to}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
  const post = (to: string, body: object = {}) => send('POST', to, body)
  const put = (to: string, body: object) => send('PUT', to, body)
  const invite = async (invitation: object = {}) =>
    Invitation.parse((await post('/api/invitations', invitation)).body)
  return {
    server,
    path,
    url,
    invite,
    post,
    put,
    async whileHeldBack(come) {
      await put(`/api/runs/${RUN}/state`, { state: 'paused' })
      const found = await come()
      await put(`/api/runs/${RUN}/state`, { state: 'running' })
      return found
    },
    async client(number, invitation = {}) {
      const client = new TestClient(url, NETWORK, SEED)
      const { token } = await invite(invitation)
      const answer = await client.enrol(token, `site-${number}`)
      if (answer.status !== 201) throw new Error(`enrol: ${answer.status} ${Buffer.from(answer.body)}`)
      client.number = number
      return client
    },
    async get(from) {
      const answer = await fetch(`${url}${from}`)
      if (!answer.ok) throw new Error(`${from}: ${answer.status} ${await answer.text()}`)
      return answer.json()
    },
    async stop() {
      await server.stop()
      if (folder !== undefined) rmSync(folder, { recursive: true })
    },
  }
}

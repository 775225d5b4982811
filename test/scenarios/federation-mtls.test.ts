import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Status } from '@adf/contract'
import { FederationStatus, Invitation } from '@adf/contract/federation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificates } from '../../packages/service/src/http/certificates.test-data.ts'
import { freePort, type Running, run, runAdf, temporaryFolder, until } from '../harness/process.ts'
import { send } from './requests.ts'

const folder = temporaryFolder()
const pem = makeCertificates()
const known = {
  ca: readFileSync(pem.ca),
  cert: readFileSync(pem.client.cert),
  key: readFileSync(pem.client.key),
}
const processes: Running[] = []
let server: string

beforeAll(async () => {
  const port = await freePort()
  const tls = { cert_file: pem.server.cert, key_file: pem.server.key, client_ca_file: pem.ca }
  const config = {
    log: { level: 'warn' },
    api: { port, tls },
    store: { path: ':memory:' },
    federated: { runs: { machines: { stream: 'machines', features: ['a'], kind: 'autoencoder' } } },
  }
  const program = join(import.meta.dirname, '../harness/federation-server.program.ts')
  processes.push(run(process.execPath, [program, JSON.stringify(config)]))
  server = `https://localhost:${port}`
  await until(
    'a federation server with mTLS',
    async () => (await send(`${server}/ready`, known)).status === 200,
  )
})
afterAll(async () => {
  for (const each of processes) await each.stop()
  folder.remove()
  pem.remove()
})

async function invite(): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const { body } = await send(`${server}/api/invitations`, { ...known, headers, body: '{}' })
  return Invitation.parse(JSON.parse(body.toString())).token
}

/** A processor that wants to take part, by its status. @param tls section `federation.tls` */
async function site(name: string, tls: object): Promise<() => Promise<NonNullable<Status['federation']>>> {
  const port = await freePort()
  const file = join(folder.path, `${name}.json`)
  const config = {
    receiver: { grpc: { port: await freePort() }, http: { port: await freePort() } },
    api: { port },
    store: { path: ':memory:' },
    edge: { detection: { detectors: ['robust', 'autoencoder'] } },
    streams: { machines: { entity: 'id', features: { a: {} } } },
    federation: {
      enabled: true,
      url: server,
      token: await invite(),
      name,
      state: join(folder.path, name),
      poll_interval: '1s',
      tls,
    },
  }
  writeFileSync(file, JSON.stringify(config))
  processes.push(runAdf(['up', '--config', file, '--console', 'off']))
  return () =>
    until(`what ${name} says of its server`, async () => {
      const { federation } = Status.parse(await (await fetch(`http://127.0.0.1:${port}/api/status`)).json())
      return federation !== null && federation.reachable !== null && federation
    })
}

test('a federation server that asks for certificates enrols who has one, and nobody else', async () => {
  const strangers = {
    'no-certificate': { ca_file: pem.ca },
    'of-another-authority': { ca_file: pem.ca, cert_file: pem.stranger.cert, key_file: pem.stranger.key },
    'does-not-know-the-server': { cert_file: pem.client.cert, key_file: pem.client.key },
  }
  const [enrolled, ...refused] = await Promise.all([
    site('known', { ca_file: pem.ca, cert_file: pem.client.cert, key_file: pem.client.key }),
    ...Object.entries(strangers).map(([name, tls]) => site(name, tls)),
  ])
  for (const standing of refused)
    expect(await standing()).toMatchObject({
      reachable: false,
      client: null,
      last_error: expect.stringMatching(/./),
    })
  expect(await enrolled()).toMatchObject({
    reachable: true,
    client: expect.stringMatching(/./),
    last_error: null,
  })
  const { body } = await send(`${server}/api/status`, known)
  expect(FederationStatus.parse(JSON.parse(body.toString())).clients).toMatchObject({ enrolled: 1 })
})

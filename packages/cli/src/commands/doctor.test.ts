import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createToken } from '@adf/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../doctor/finding.ts'
import { otlpTraceLine } from '../files/testing/otlp-lines.ts'
import { runAdf } from '../program/adf.test-program.ts'
import { freePort, type RunningAdf, startAdf } from '../program/adf-up.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Report {
  readonly status: number | null
  readonly ok: boolean
  readonly checks: readonly Finding[]
}

async function doctor(...args: string[]): Promise<Report> {
  const run = await runAdf(['doctor', '--json', ...args])
  expect(run.err).toBe('')
  return { status: run.status, ...JSON.parse(run.out) }
}

const found = ({ checks }: Report, check: string) => checks.filter((one) => one.check === check)

/** A server that answers one path with a status; anything else is 404. */
async function serve(path: string, status: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === path ? status : 404).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

const ports = async () =>
  (
    await Promise.all(
      ['receiver.grpc', 'receiver.http', 'api'].map(async (key) => `${key}.port=${await freePort()}`),
    )
  )
    .concat(`store.path=${join(folder, 'new/adf.db')}`)
    .flatMap((setting) => ['--set', setting])

describe('without an ADF that runs', () => {
  it('says so, and looks at what is there: exit status 0', async () => {
    const report = await doctor(...(await ports()))
    expect(report).toMatchObject({ status: 0, ok: true })
    expect(found(report, 'api')).toMatchObject([
      { status: 'warning', text: expect.stringContaining('no ADF answers') },
    ])
    expect(found(report, 'port api')).toMatchObject([
      { status: 'ok', text: expect.stringMatching(/is free$/) },
    ])
    expect(found(report, 'store')).toMatchObject([{ status: 'ok' }])
  })

  it('an ADF that was asked for by its address is a fault', async () => {
    const report = await doctor(...(await ports()), '--url', `http://127.0.0.1:${await freePort()}`)
    expect(report).toMatchObject({ status: 1, ok: false })
    expect(found(report, 'api')).toMatchObject([{ status: 'fault' }])
  })

  it('finds a port that another program has, a store that is no database, and destinations that are away', async () => {
    const { server, port } = await serve('/-/ready', 200)
    const gone = await freePort()
    const store = join(folder, 'notes.txt')
    writeFileSync(store, 'these are notes, not a database')
    try {
      const report = await doctor(
        ...(await ports()),
        ...[
          `receiver.http.port=${port}`,
          `store.path=${store}`,
          `deliver.alertmanager.urls=["http://127.0.0.1:${port}","http://127.0.0.1:${gone}"]`,
          `deliver.forward=[{name: next, protocol: grpc, endpoint: "127.0.0.1:${gone}"}]`,
        ].flatMap((setting) => ['--set', setting]),
      )
      expect(report.status).toBe(1)
      expect(found(report, 'port receiver.http')).toMatchObject([
        { status: 'fault', text: expect.stringContaining('taken by a program that is no ADF') },
      ])
      expect(found(report, 'store')).toMatchObject([
        { status: 'fault', text: expect.stringContaining('no SQLite') },
      ])
      expect(found(report, 'alertmanager')).toMatchObject([{ status: 'ok' }, { status: 'fault' }])
      expect(found(report, 'forward next')).toMatchObject([{ status: 'fault' }])
    } finally {
      server.close()
    }
  })

  it('tells every fault of the configuration and every reserved key', async () => {
    const report = await doctor('--set', 'edge.window=1', '--set', 'edge.stpe=1s')
    expect(report.status).toBe(1)
    expect(found(report, 'configuration').map(({ status }) => status)).toEqual(['fault', 'fault'])
    const reserved = await doctor(...(await ports()), '--set', 'federated.coordinator.num_rounds=32')
    expect(found(reserved, 'configuration')).toMatchObject([
      { status: 'ok' },
      { status: 'warning', text: expect.stringContaining('federated.coordinator.num_rounds is reserved') },
    ])
  })

  it('an address that is none is wrong usage', async () => {
    expect(await runAdf(['doctor', '--url', 'localhost:8080'])).toMatchObject({ status: 2 })
  })
})

describe('with an ADF that asks for tokens', () => {
  const reader = createToken()
  const sender = createToken()
  const both = createToken()
  let adf: RunningAdf

  beforeAll(async () => {
    const tokens = [
      { name: 'reader', sha256: reader.sha256, scopes: ['read', 'feedback'] },
      { name: 'sender', sha256: sender.sha256, scopes: ['ingest'] },
      { name: 'both', sha256: both.sha256, scopes: ['read', 'ingest'] },
    ]
    adf = await startAdf(folder, [
      `auth.tokens=${JSON.stringify(tokens)}`,
      'edge.step=100ms',
      'edge.window=1s',
    ])
    const send = (path: string, body: string) =>
      fetch(`${adf.otlp}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${sender.token}` },
        body,
      })
    for (let i = 1; i <= 15; i++) {
      const at = Date.now()
      // `worker` only calls; the clock of `late` is an hour behind.
      const answer = await send(
        '/v1/traces',
        otlpTraceLine([
          { service: 'web', trace: i, id: 1, kind: 2, startMs: at - 20, ms: 10 },
          { service: 'worker', trace: i, id: 2, kind: 3, startMs: at - 20, ms: 10 },
          { service: 'late', trace: i, id: 3, kind: 2, startMs: at - 3_600_000, ms: 10 },
        ]),
      )
      expect(answer.status).toBe(200)
      await sleep(100)
    }
  }, 60_000)
  afterAll(() => adf?.stop())

  const look = (token: string | undefined) =>
    doctor(...adf.settings, '--url', adf.url, ...(token === undefined ? [] : ['--token', token]))

  it('is not itself among what was refused', async () => {
    for (let again = 0; again < 2; again++) {
      const report = await look(both.token)
      expect(found(report, 'port receiver.grpc')).toMatchObject([{ status: 'ok' }])
      const losses = found(report, 'losses').map(({ text }) => text)
      expect(losses.filter((text) => /unauthenticated|forbidden/.test(text))).toEqual([])
    }
  })

  it('knows its own ports, the scopes of the token, and that telemetry arrives', async () => {
    const report = await look(reader.token)
    for (const key of ['receiver.grpc', 'receiver.http', 'api'])
      expect(found(report, `port ${key}`)).toMatchObject([
        { status: 'ok', text: expect.stringContaining('taken by ADF') },
      ])
    expect(found(report, 'ready')).toMatchObject([{ status: 'ok' }])
    expect(found(report, 'clock')).toMatchObject([{ status: 'ok' }])
    expect(found(report, 'token')).toMatchObject([
      { status: 'ok', text: 'the token may read, feedback, not ingest, admin' },
    ])
    expect(found(report, 'spans')).toMatchObject([
      { status: 'ok', text: expect.stringMatching(/^45 so far/) },
    ])
    expect(found(report, 'metrics')).toMatchObject([{ status: 'warning', text: 'none arrived' }])
  })

  it('says which entities lack features and why, and whose clock is off', async () => {
    const report = await look(reader.token)
    const lacks = found(report, 'features service').filter(({ text }) => text.includes('latency_p95'))
    expect(lacks).toContainEqual(
      expect.objectContaining({
        status: 'warning',
        text: expect.stringMatching(/worker\) lack request_rate, .*: its spans are neither SERVER/),
      }),
    )
    expect(found(report, 'clocks')).toMatchObject([
      { status: 'warning', text: expect.stringMatching(/^late: its telemetry is 3\d{3} s old/) },
    ])
    const losses = found(report, 'losses').map(({ text }) => text)
    expect(losses).toContainEqual(
      expect.stringMatching(/^15 \(signal spans, reason late\): Spans and log records/),
    )
  })

  it('says what is wrong with a token: missing, unknown, or for something else', async () => {
    for (const [token, text] of [
      [undefined, 'ADF asks for a token'],
      ['adf_wrong', 'ADF does not know this token'],
      [sender.token, 'the token may ingest but not read'],
    ] as const) {
      const report = await look(token)
      expect(report.status).toBe(1)
      expect(found(report, 'token')).toMatchObject([{ status: 'fault', text }])
    }
  })
})

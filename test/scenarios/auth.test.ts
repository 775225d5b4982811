import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createToken } from '@adf/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Certificates,
  makeCertificates,
} from '../../packages/service/src/http/certificates.test-data.ts'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { freePort, runAdf, temporaryFolder, until } from '../harness/process.ts'
import { requestOf, wireSpan } from './protobuf.ts'
import { call, frame, postProtobuf, send } from './requests.ts'

const good = requestOf('guarded', wireSpan())

describe('tokens', () => {
  const tokens = { ingest: createToken(), read: createToken(), feedback: createToken(), admin: createToken() }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  let adf: RunningAdf
  const folder = temporaryFolder()
  beforeAll(async () => {
    adf = await startAdf({
      log: { level: 'warn' },
      auth: {
        tokens: Object.entries(tokens).map(([name, { sha256 }]) => ({ name, sha256, scopes: [name] })),
      },
    })
  })
  afterAll(async () => {
    await adf?.stop()
    folder.remove()
  })
  const metrics = async () => {
    const { body } = await send(`${adf.api}/metrics`, { headers: bearer(tokens.read.token) })
    return body.toString()
  }

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['an unknown one', bearer('adf_forged')],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['the hash of a known one', bearer(tokens.ingest.sha256)],
    ['a known one and more', bearer(`${tokens.ingest.token} x`)],
    ['a known one in other case', bearer(tokens.ingest.token.toUpperCase())],
    ['a very long one', bearer('x'.repeat(8000))],
  ])('%s: 401 and UNAUTHENTICATED', async (_name, headers) => {
    const http = await postProtobuf(adf.httpPort, 'traces', good, headers)
    expect(http).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^Bearer/) },
    })
    // google.rpc.Status with the code UNAUTHENTICATED.
    expect(http.body.subarray(0, 2)).toEqual(Buffer.of(0x08, 16))
    expect(await call(adf.grpcPort, 'traces', frame(good), headers)).toMatchObject({
      code: 16,
      details: undefined,
    })
    const api = await send(`${adf.api}/api/status`, { headers })
    expect(api).toMatchObject({ status: 401 })
    expect(JSON.parse(api.body.toString())).toMatchObject({ code: 'unauthenticated' })
  })

  test('one without the scope: 403 and PERMISSION_DENIED', async () => {
    for (const name of ['read', 'feedback'] as const) {
      const headers = bearer(tokens[name].token)
      expect(await postProtobuf(adf.httpPort, 'traces', good, headers)).toMatchObject({ status: 403 })
      expect(await call(adf.grpcPort, 'traces', frame(good), headers)).toMatchObject({ code: 7 })
    }
    const ingest = bearer(tokens.ingest.token)
    for (const path of ['/api/status', '/api/graph', '/metrics', '/ws/alerts']) {
      expect(await send(`${adf.api}${path}`, { headers: ingest })).toMatchObject({ status: 403 })
    }
    const read = bearer(tokens.read.token)
    const remove = { method: 'DELETE', headers: read }
    expect(await send(`${adf.api}/api/anomalies/x`, remove)).toMatchObject({ status: 403 })
    const json = { 'content-type': 'application/json', ...read }
    expect(await send(`${adf.api}/api/feedback`, { body: '{}', headers: json })).toMatchObject({
      status: 403,
    })
    expect(await send(`${adf.api}/api/events/x`, { body: '{}', headers: json })).toMatchObject({
      status: 403,
    })
  })

  test('the right one passes, admin passes everywhere, and health needs none', async () => {
    for (const name of ['ingest', 'admin'] as const) {
      const headers = bearer(tokens[name].token)
      expect(await postProtobuf(adf.httpPort, 'traces', good, headers)).toMatchObject({ status: 200 })
      expect(await call(adf.grpcPort, 'traces', frame(good), headers)).toMatchObject({ code: 0 })
    }
    expect(await send(`${adf.api}/api/status`, { headers: bearer(tokens.read.token) })).toMatchObject({
      status: 200,
    })
    for (const path of ['/health', '/ready', '/docs']) {
      expect(await send(`${adf.api}${path}`)).toMatchObject({ status: 200 })
    }
  })

  test('refusals are counted by reason, and nothing of a refused request is taken', async () => {
    const text = await metrics()
    expect(text).toMatch(
      /adf_receiver_requests_total\{signal="traces",transport="http",outcome="unauthenticated"\} 8/,
    )
    expect(text).toMatch(
      /adf_receiver_requests_total\{signal="traces",transport="grpc",outcome="forbidden"\} 2/,
    )
    expect(text).toMatch(/adf_receiver_spans_total\{transport="http",outcome="accepted"\} 2\n/)
  })

  test('tokens are in no log, not even in the configuration that is printed', async () => {
    expect(adf.process.output()).not.toContain('adf_')
    const shown = runAdf(['config', 'print', '--config', join(adf.folder, 'adf.yaml')])
    expect(await shown.exited).toBe(0)
    for (const { token } of Object.values(tokens)) expect(shown.output()).not.toContain(token)
  })
})

describe('TLS', () => {
  let pem: Certificates
  let adf: RunningAdf
  const read = (file: string) => readFileSync(file)
  beforeAll(() => {
    pem = makeCertificates()
  })
  afterAll(() => pem?.remove())

  test('of the server alone, and of clients too, on every listener', async () => {
    const folder = temporaryFolder()
    const [grpcPort, httpPort, apiPort] = [await freePort(), await freePort(), await freePort()]
    const tls = { cert_file: pem.server.cert, key_file: pem.server.key, client_ca_file: pem.ca }
    const file = join(folder.path, 'adf.json')
    const { writeFileSync } = await import('node:fs')
    const config = {
      receiver: { grpc: { port: grpcPort, tls }, http: { port: httpPort, tls } },
      api: { port: apiPort, tls },
      store: { path: ':memory:' },
    }
    writeFileSync(file, JSON.stringify(config))
    const process = runAdf(['up', '--config', file])
    try {
      const known = { ca: read(pem.ca), cert: read(pem.client.cert), key: read(pem.client.key) }
      const api = `https://localhost:${apiPort}`
      await until('adf up with mTLS', async () => (await send(`${api}/ready`, known)).status === 200)
      const headers = { 'content-type': 'application/x-protobuf' }
      const url = `https://localhost:${httpPort}/v1/traces`
      expect(await send(url, { ...known, body: good, headers })).toMatchObject({ status: 200 })
      const grpc = `https://localhost:${grpcPort}`
      expect(await call(grpc, 'traces', frame(good), {}, known)).toMatchObject({ code: 0 })

      const strangers = [
        { ca: known.ca },
        { ca: known.ca, cert: read(pem.stranger.cert), key: read(pem.stranger.key) },
      ]
      for (const stranger of strangers) {
        await expect(send(`${api}/ready`, stranger)).rejects.toThrow()
        await expect(send(url, { ...stranger, body: good, headers })).rejects.toThrow()
        await expect(call(grpc, 'traces', frame(good), {}, stranger)).rejects.toThrow()
      }
      // Plain text on a TLS port, and a client that does not know the server.
      await expect(send(`http://localhost:${httpPort}/v1/traces`, { body: good, headers })).rejects.toThrow()
      await expect(call(grpcPort, 'traces', frame(good))).rejects.toThrow()
      await expect(send(`${api}/ready`, { cert: known.cert, key: known.key })).rejects.toThrow()
      // Strangers at the door leave it open for others.
      expect(await send(`${api}/ready`, known)).toMatchObject({ status: 200 })
      expect(await call(grpc, 'traces', frame(good), {}, known)).toMatchObject({ code: 0 })
    } finally {
      await process.stop()
      folder.remove()
    }
  })

  test('without certificates of clients serves everybody who knows the server', async () => {
    const tls = { cert_file: pem.server.cert, key_file: pem.server.key }
    adf = await startAdf({ receiver: { grpc: { tls }, http: { tls } } })
    try {
      const ca = read(pem.ca)
      const url = `https://localhost:${adf.httpPort}/v1/traces`
      const headers = { 'content-type': 'application/x-protobuf' }
      expect(await send(url, { ca, body: good, headers })).toMatchObject({ status: 200 })
      const grpc = `https://localhost:${adf.grpcPort}`
      expect(await call(grpc, 'traces', frame(good), {}, { ca })).toMatchObject({ code: 0 })
      await expect(send(url, { body: good, headers })).rejects.toThrow()
    } finally {
      await adf.stop()
    }
  })
})

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Config } from '@adf/processor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandFailed } from '../../output/failure.ts'
import { bundleOf, writeBundle } from './bundle.ts'
import { redacted, secretsOf } from './secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-bundle-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Each place has its own, so that a failure says which leaks. */
const mark = (place: string) => `MARKED-${place}-0123456789abcdef`
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const config = Config.parse({
  auth: { tokens: [{ name: 'ops', sha256: 'ab'.repeat(32), scopes: ['read'] }] },
  store: { url: `postgres://adf@db.example/adf`, password: mark('STORE') },
  deliver: {
    alertmanager: {
      urls: [`http://me:${mark('ALERTMANAGER')}@am.example:9093/?key=${mark('PARAMETER')}`],
      bearer_token_file: file('bearer', `${mark('BEARER')}\n`),
    },
    feedback: { url: 'https://adf.example', secret: mark('ONE-CLICK-LINKS') },
    forward: [
      {
        name: 'next',
        protocol: 'http',
        endpoint: `https://${mark('USER')}@otlp.example`,
        headers: { 'x-team': mark('HEADER'), authorization: `Bearer ${mark('AUTHORIZATION')}` },
      },
    ],
  },
  federation: { token: mark('FEDERATION'), url: 'https://fed.example' },
})

/** An ADF whose every answer repeats what it should not. */
const leaking = createServer((request, response) => {
  const everything = [...secretsOf(config)].join(' ')
  if (request.url === '/metrics') {
    response.end(
      `# HELP adf_x ${everything}\nadf_x{reason="full"} 3\nadf_anomaly_score{stream="service",entity="shop/secret-project"} 0.9\n` +
        `traces_service_graph_request_total{client="secret-project",server="b"} 1\nadf_y{reason="${mark('HEADER')}"} 1\n`,
    )
  } else response.end(JSON.stringify({ version: '1', deliveries: [{ last_error: everything }] }))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => leaking.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(leaking.address() as AddressInfo).port}`
})
afterAll(() => leaking.close())

const log = () =>
  file(
    'adf.log',
    [
      { level: 'info', time: 't', msg: 'listening', listener: 'api', url: `http://x:${mark('LOGURL')}@h` },
      {
        level: 'warn',
        msg: `sent to https://u:${mark('MESSAGE')}@h/?q=${mark('QUERY')}`,
        entity: 'shop/secret-project',
      },
      {
        level: 'error',
        msg: 'failed',
        err: { type: 'Error', message: `no: ${mark('ONE-CLICK-LINKS')}`, body: 'secret-project' },
      },
    ]
      .map((line) => JSON.stringify(line))
      .concat(`Error: authorization: Bearer ${mark('RAW')}`)
      .join('\n'),
  )

const made = () =>
  bundleOf({
    load: () => ({ config, warnings: [], sources: new Map() }),
    url,
    token: mark('GIVEN'),
    findings: [
      { check: 'api', status: 'ok', text: `${url} answers` },
      { check: 'features service', status: 'warning', text: 'shop/secret-project lacks latency_p95' },
      { check: 'forward next', status: 'fault', text: `refuses ${mark('GIVEN')}` },
    ],
    logFile: log(),
    schema: async () => ['0001_first', '0002_second'],
    version: '1.2.3',
    nowMs: 0,
  })

test('says what is needed to help', async () => {
  const bundle = JSON.parse(await made())
  expect(bundle).toMatchObject({
    made_at: '1970-01-01T00:00:00.000Z',
    versions: { adf: '1.2.3', node: process.version },
    configuration: {
      values: { deliver: { forward: [{ name: 'next', headers: { 'x-team': '(secret)' } }] } },
    },
    schema: ['0001_first', '0002_second'],
    checks: [{ check: 'api', text: `${url} answers` }, { check: 'features service', status: 'warning' }, {}],
    status: { version: '1' },
    metrics: { leftOut: 2 },
  })
  expect(bundle.metrics.lines).toContain('adf_x{reason="full"} 3')
  expect(bundle.log).toHaveLength(4)
  expect(bundle.log[0]).toEqual({ level: 'info', time: 't', msg: 'listening', listener: 'api' })
})

test('holds no secret, from wherever it came, and no name or value of telemetry', async () => {
  const bundle = await made()
  expect(bundle.match(/MARKED-[A-Z]+/g)).toBeNull()
  expect(bundle).not.toContain('secret-project')
})

test('every text that the configuration keeps secret is looked for, in each spelling', () => {
  const secrets = secretsOf({
    a: { token: 'p/ss wörd' },
    headers: { x: 'Bearer header-key' },
    b: 'plain text',
  })
  expect(redacted('p/ss wörd p%2Fss%20w%C3%B6rd header-key plain text', secrets)).toBe(
    '(secret) (secret) (secret) plain text',
  )
})

test('is for nobody else to read, and overwrites nothing', () => {
  const path = join(folder, 'bundle.json')
  writeBundle(path, 'text')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(() => writeBundle(path, 'other')).toThrow(CommandFailed)
  expect(readFileSync(path, 'utf8')).toBe('text')
})

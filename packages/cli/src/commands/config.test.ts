import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { runAdf } from '../program/adf.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
function file(text: string): string {
  const path = join(folder, 'adf.yaml')
  writeFileSync(path, text)
  return path
}

test('print shows what is in effect, from file, environment and flags', async () => {
  const path = file('edge: {window: 20s}\nreceiver: {max_request_size: 1MiB}\n')
  const run = await runAdf(['config', 'print', '--config', path, '--set', 'edge.step=250ms'], {
    ADF_STORE__PATH: 'x.db',
  })
  expect(run.status).toBe(0)
  expect(parse(run.out)).toMatchObject({
    edge: { window: '20s', step: '250ms', interval: '1m' },
    receiver: { max_request_size: '1MiB' },
    store: { path: 'x.db' },
  })
  expect(run.err).toBe('')
})

test('what print prints is a configuration that prints the same', async () => {
  const first = await runAdf(['config', 'print'])
  const second = await runAdf(['config', 'print', '--config', file(first.out), '--json'])
  expect(JSON.parse(second.out)).toEqual(parse(first.out))
})

test('print warns of reserved keys beside the answer', async () => {
  const run = await runAdf(['config', 'print', '--json', '--set', 'federated.coordinator.num_rounds=7'])
  expect(JSON.parse(run.out)).toMatchObject({ federated: { coordinator: { num_rounds: 7 } } })
  expect(run.err).toMatch(/warning: --set: federated\.coordinator\.num_rounds is reserved/)
})

test('check lists every fault and exits with 2', async () => {
  const path = file('edge:\n  windw: 20s\napi: {port: high}\n')
  const run = await runAdf(['config', 'check', '--config', path])
  expect(run.status).toBe(2)
  expect(run.out).toContain(`${path}:2: edge.windw: unknown key, did you mean edge.window?`)
  expect(run.out).toContain(`${path}:3: api.port: expected number, received string`)
  const json = JSON.parse((await runAdf(['config', 'check', '--config', path, '--json'])).out)
  expect(json).toMatchObject({ ok: false, faults: [{ path: 'api.port' }, { path: 'edge.windw' }] })
})

/** A configuration without a fault in any key by itself. */
const together = (folder: string) => ({
  api: { host: '0.0.0.0', tls: { cert_file: join(folder, 'none.pem'), key_file: join(folder, 'none.key') } },
  receiver: { http: { host: '192.0.2.1' } },
  deliver: {
    forward: [
      { name: 'next', protocol: 'grpc', endpoint: 'x:4317', tls: { ca_file: join(folder, 'no.ca') } },
    ],
  },
})

test('check finds what the start would, all at once, and adf up says the very same', async () => {
  const path = file(JSON.stringify(together(folder)))
  const run = await runAdf(['config', 'check', '--config', path, '--json'])
  expect(run.status).toBe(2)
  const { faults }: { faults: { path: string; message: string; source: string }[] } = JSON.parse(run.out)
  expect(faults.map((each) => each.path)).toEqual([
    'receiver.http.host',
    'api.host',
    'api.tls.cert_file',
    'api.tls.key_file',
    'deliver.forward[0].tls.ca_file',
  ])
  for (const { source } of faults) expect(source).toContain(path)
  const up = await runAdf(['up', '--config', path])
  expect(up.status).toBe(2)
  for (const fault of faults) expect(up.err).toContain(`${fault.path}: ${fault.message}`)
  const insecure = JSON.parse(
    (await runAdf(['config', 'check', '--insecure', '--config', path, '--json'])).out,
  )
  expect(insecure.faults).toEqual(faults.slice(2))
})

test.each([
  ['edge.step', { edge: { window: '2s', step: '3s' } }],
  ['edge.stale_after', { edge: { window: '2m', stale_after: '1m' } }],
  ['graph.forget_after', { graph: { pairing_window: '1m', forget_after: '30s' } }],
  ['graph.slot', { graph: { history: '10s', slot: '20s' } }],
  ['incident.resolve_after', { edge: { step: '2s' }, incident: { resolve_after: '1s' } }],
  ['receiver.http.port', { receiver: { grpc: { port: 7000 }, http: { port: 7000 } } }],
  ['api.port', { receiver: { http: { port: 8080 } } }],
  ['deliver.forward[1].name', { deliver: { forward: [forward('a'), forward('a')] } }],
  ['deliver.forward[0].tls.key_file', { deliver: { forward: [forward('a', { cert_file: 'x' })] } }],
  [
    'deliver.alertmanager.bearer_token_file',
    {
      deliver: {
        alertmanager: { bearer_token_file: 'x', basic_auth: { username: 'a', password_file: 'y' } },
      },
    },
  ],
])('check finds keys that do not go together: %s', async (path, config) => {
  const run = await runAdf(['config', 'check', '--config', file(JSON.stringify(config)), '--json'])
  expect(run.status).toBe(2)
  expect(JSON.parse(run.out)).toMatchObject({ ok: false, faults: [{ path }] })
})

function forward(name: string, tls?: object) {
  return { name, protocol: 'grpc', endpoint: 'x:4317', ...(tls && { tls }) }
}

test('check passes a good configuration, with its warnings', async () => {
  const run = await runAdf(['config', 'check', '--set', 'federated.coordinator.num_rounds=3'])
  expect(run.status).toBe(0)
  expect(run.out).toContain('federated.coordinator.num_rounds is reserved')
  expect(run.out).toContain('the configuration is good')
})

test('a command with a bad configuration exits with 2 and every fault', async () => {
  const run = await runAdf(['config', 'print', '--set', 'edge.window=x', '--set', 'nonsense=1'])
  expect(run).toMatchObject({ status: 2, out: '' })
  expect(run.err).toContain('configuration has 2 faults')
})

test('docs lists every key', async () => {
  const run = await runAdf(['config', 'docs'])
  expect(run.out).toMatch(/^\| `edge\.detection\.warm_up` \| integer ≥ 10 \| `200` \|/m)
  expect(run.out).toMatch(/^\| `federated\.coordinator\.num_rounds` .*\*\*reserved\*\*/m)
  const rows: { path: string }[] = JSON.parse((await runAdf(['config', 'docs', '--json'])).out)
  expect(rows.map(({ path }) => path)).toContain('deliver.forward[].endpoint')
})

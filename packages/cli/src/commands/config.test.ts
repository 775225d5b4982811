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

test('check passes a good configuration, with its warnings', async () => {
  const run = await runAdf(['config', 'check', '--set', 'edge.model.num_layers=3'])
  expect(run.status).toBe(0)
  expect(run.out).toContain('edge.model.num_layers is reserved')
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
  expect(run.out).toMatch(/^\| `edge\.model\.hidden_size` .*\*\*reserved\*\*/m)
  const rows: { path: string }[] = JSON.parse((await runAdf(['config', 'docs', '--json'])).out)
  expect(rows.map(({ path }) => path)).toContain('deliver.forward[].endpoint')
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FederationStatus } from '@adf/contract/federation'
import { afterAll, expect, it } from 'vitest'
import { runAdf } from '../program/adf.test-program.ts'
import { freePort } from '../program/adf-up.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-up-federation-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function settings(): Promise<{ processor: string[]; apiUrl: string }> {
  const [grpc, http, api] = [await freePort(), await freePort(), await freePort()]
  const all = [
    `receiver.grpc.port=${grpc}`,
    `receiver.http.port=${http}`,
    `api.port=${api}`,
    `store.path=${join(folder, 'adf.db')}`,
    'log.level=warn',
  ]
  return { processor: all.flatMap((one) => ['--set', one]), apiUrl: `http://127.0.0.1:${api}` }
}

it('runs the federation server in the process of the processor, and stops both', async () => {
  const port = await freePort()
  const file = join(folder, 'federation.yaml')
  const database = join(folder, 'federation.db')
  writeFileSync(
    file,
    `api: { port: ${port} }\nstore: { path: ${database} }\nlog: { level: warn }\ntelemetry: { otlp_endpoint: http://127.0.0.1:1 }\n`,
  )
  const { processor, apiUrl } = await settings()
  const bin = join(import.meta.dirname, '../../bin/adf.mjs')
  const child = spawn(process.execPath, [bin, 'up', '--federation', file, ...processor], {
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const up = async (at: string) => (await fetch(`${at}/ready`).catch(() => undefined))?.ok === true
  while (child.exitCode === null && !((await up(url)) && (await up(apiUrl)))) await sleep(50)
  const status = FederationStatus.parse(await (await fetch(`${url}/api/status`)).json())
  expect(status.runs.map(({ run }) => run)).toEqual(['service-lstm'])
  child.kill()
  expect(await ended).toEqual([0, null])
  expect(existsSync(database)).toBe(true)
  expect(err).toContain('telemetry.otlp_endpoint')
}, 240_000)

it('says what is wrong with the configuration of the federation server', async () => {
  const file = join(folder, 'faulty.yaml')
  writeFileSync(file, 'federated: { coordinator: { num_round: 3 } }\n')
  const { processor } = await settings()
  expect(await runAdf(['up', '--federation', file, ...processor])).toMatchObject({
    status: 2,
    err: expect.stringContaining('did you mean federated.coordinator.num_rounds'),
  })
}, 240_000)

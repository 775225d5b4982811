import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { FederationClient, FileState, MemoryState } from '@adf/federation'
import { createToken } from '@adf/service'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runAdf } from '../program/adf.test-program.ts'
import { freePort } from '../program/adf-up.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-federation-cli-'))
const database = join(folder, 'federation.db')
const { token, sha256 } = createToken()
let url = ''
let stop = async () => {}
beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const settings = [
    `api.port=${port}`,
    `store.path=${database}`,
    'log.level=warn',
    `auth.tokens=[{name: ops, sha256: "${sha256}", scopes: [admin]}]`,
  ].flatMap((setting) => ['--set', setting])
  const bin = join(import.meta.dirname, '../../bin/adf.mjs')
  const child = spawn(process.execPath, [bin, 'federation', ...settings], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  while (child.exitCode === null && !(await fetch(`${url}/ready`).catch(() => undefined))?.ok) await sleep(50)
  stop = async () => {
    child.kill()
    await ended
  }
}, 60_000)
afterAll(async () => {
  await stop()
  rmSync(folder, { recursive: true })
})
const run = (...args: string[]) =>
  runAdf(['federation', ...args], { ADF_FEDERATION_URL: url, ADF_TOKEN: token })
const json = async (...args: string[]) => JSON.parse((await run('--json', ...args)).out)

it('runs a server, and looks after it', async () => {
  const status = await run('status')
  expect(status).toMatchObject({ status: 0, err: '' })
  expect(status.out).toMatch(/service-lstm +running +0 +0 of 100/)
  expect(status.out).toContain('0 clients enrolled')
  expect((await run('rounds')).out).toMatch(/1 +OPEN/)
  expect((await run('quarantine')).out).toBe('nothing is in quarantine\n')
}, 60_000)

it('invites a client, shows it and revokes it, all of which is in the audit log', async () => {
  const invitation = await json('invite', '--name', 'site-oslo', '--valid', '1h', '--trusted')
  expect(invitation).toMatchObject({ name: 'site-oslo', trusted: true })
  const client = new FederationClient({ url, state: new MemoryState() })
  const id = await client.enrol({ name: 'site-oslo', token: invitation.token })
  await client.close()
  expect((await run('clients')).out).toMatch(new RegExp(`site-oslo +${id} +enrolled, trusted`))
  expect((await run('revoke', id, '--note', 'sold')).out).toBe(`site-oslo (${id}) is revoked\n`)
  const actions = (await json('audit')).map(({ action }: { action: string }) => action)
  expect(actions).toEqual(['client.revoked', 'client.enrolled', 'invitation.made', 'run.created'])
  expect((await run('audit', '--limit', '1')).out).toContain('note=sold')
}, 60_000)

it('prints who a site is, as the peers file of the others wants it, and only where it is enrolled', async () => {
  const { token: invitation } = await json('invite', '--name', 'site-bergen')
  const state = join(folder, 'site')
  const client = new FederationClient({ url, state: new FileState(state, () => {}) })
  const id = await client.enrol({ name: 'site-bergen', token: invitation })
  const key = await client.publicKey()
  await client.close()
  expect(JSON.parse((await run('site', '--state', state)).out)).toEqual({ [id]: key })
  expect(await json('site', '--state', state)).toEqual({ client: id, public_key: key })
  const elsewhere = join(folder, 'nothing-here')
  expect(await run('site', '--state', elsewhere)).toMatchObject({
    status: 1,
    err: expect.stringContaining(`no site is enrolled with the state in ${elsewhere}`),
  })
}, 60_000)

it('verifies the audit log of a server, and of a database file', async () => {
  expect((await run('audit', 'verify')).out).toMatch(/^whole: \d+ lines/)
  expect(await run('audit', 'verify', '--database', database)).toMatchObject({ status: 0 })
  expect(await run('audit', 'verify', '--database', join(folder, 'none.db'))).toMatchObject({
    status: 1,
    err: expect.stringContaining('there is no database'),
  })
  const db = new DatabaseSync(database)
  db.exec("update audit set subject = 'other' where sequence = 2")
  db.close()
  for (const args of [[], ['--database', database]])
    expect(await run('audit', 'verify', ...args)).toMatchObject({
      status: 1,
      out: expect.stringContaining('broken at line 2'),
    })
}, 60_000)

it('says what is wrong: no server, no token, no such update, a configuration with faults', async () => {
  const away = `http://127.0.0.1:${await freePort()}`
  expect(await run('status', '--url', away)).toMatchObject({
    status: 1,
    err: expect.stringContaining('no federation server'),
  })
  expect(await run('status', '--url', 'nowhere')).toMatchObject({ status: 2 })
  expect(await run('status', '--token', 'wrong')).toMatchObject({
    status: 1,
    err: expect.stringContaining('not known'),
  })
  expect(await run('release', 'none')).toMatchObject({
    status: 1,
    err: expect.stringContaining('there is no update none'),
  })
  const faults = await run(
    '--set',
    'federated.secure_aggregation=true',
    '--set',
    'federated.coordinator.num_round=3',
  )
  expect(faults.status).toBe(2)
  expect(faults.err).toContain('federated.poisoning_detection.enabled')
  expect(faults.err).toContain('must be fed_avg with federated.secure_aggregation')
  expect(faults.err).toContain('did you mean federated.coordinator.num_rounds')
  expect((await run('--set', 'api.host=0.0.0.0')).err).toContain('open to everybody')
}, 60_000)

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Incident, IncidentExport } from '@adf/contract'
import { openSqliteStore } from '@adf/processor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import golden from '../../../contract/src/golden/incident.json' with { type: 'json' }
import { runAdf } from '../program/adf.test-program.ts'
import { freePort, type RunningAdf, startAdf } from '../program/adf-up.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-incident-'))
const incident = Incident.parse({ ...golden, state: 'resolved', resolved_at: golden.updated_at })
let adf: RunningAdf
beforeAll(async () => {
  const store = await openSqliteStore({ path: join(folder, 'adf.db'), clock: Date.now })
  await store.incidents.save(incident)
  await store.close()
  adf = await startAdf(folder, ['store.retention=36500d'])
})
afterAll(async () => {
  await adf.stop()
  rmSync(folder, { recursive: true })
})

it('writes a post-mortem', async () => {
  const run = await runAdf(['incident', 'export', incident.id, '--url', adf.url])
  expect(run).toMatchObject({ status: 0, err: '' })
  expect(run.out).toContain('# payment is the probable cause')
  expect(run.out).toContain('```mermaid\nflowchart LR')
})

it('writes JSON, to a file too', async () => {
  const file = join(folder, 'incident.json')
  const run = await runAdf(['incident', 'export', incident.id, '--format', 'json', '--output', file], {
    ADF_URL: adf.url,
  })
  expect(run).toEqual({ status: 0, out: '', err: '' })
  expect(IncidentExport.parse(JSON.parse(readFileSync(file, 'utf8'))).incident).toEqual(incident)
  const global = await runAdf(['--json', 'incident', 'export', incident.id, '--url', adf.url])
  expect(IncidentExport.parse(JSON.parse(global.out)).incident.id).toBe(incident.id)
})

it('says what is wrong: no such incident, nobody there, no address, a file that cannot be', async () => {
  const run = (...args: string[]) => runAdf(['incident', 'export', ...args])
  expect(await run('none', '--url', adf.url)).toMatchObject({
    status: 1,
    err: expect.stringContaining('there is no incident none'),
  })
  expect(await run('x', '--url', `http://127.0.0.1:${await freePort()}`)).toMatchObject({
    status: 1,
    err: expect.stringContaining('no ADF answers'),
  })
  expect(await run('x', '--url', 'nowhere')).toMatchObject({ status: 2 })
  expect(await run(incident.id, '--url', adf.url, '--output', join(folder, 'no/such/file'))).toMatchObject({
    status: 1,
    err: expect.stringContaining('cannot write'),
  })
  expect(await run('x', '--format', 'html')).toMatchObject({ status: 2 })
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '@adf/contract'
import { AuditVerification, RoundPage, Run } from '@adf/contract/federation'
import { expect, it } from 'vitest'
import { openSqliteStore } from './store/sqlite.ts'
import { startMortalServer } from './testing/mortal-server.ts'
import type { TestClient } from './testing/test-client.ts'
import { RUN, startServer } from './testing/test-server.ts'

const cannotLimit = spawnSync('prlimit', ['--version']).error !== undefined

it.skipIf(cannotLimit)(
  'while the disk is full clients are told to come again, no receipt is given, and the round goes on when there is room',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'adf-full-disk-'))
    const path = join(folder, 'federation.db')
    const first = await startServer({ path })
    const clients = await Promise.all([1, 2, 3].map((n) => first.client(n)))
    await first.stop()
    const coordinator = { num_rounds: 1 }
    const server = await startMortalServer({ path, coordinator, faults: [] })
    /** Over so many bytes of a file, writes fail as on a full disk. */
    const limit = (bytes: string) => spawnSync('prlimit', [`--fsize=${bytes}:`, '--pid', String(server.pid)])
    const submit = (client: TestClient) => client.submit(RUN, 1, client.update(1))
    const ready = async () => (await fetch(`${server.url}/ready`)).status
    try {
      for (const client of clients) client.url = server.url
      await Promise.all(clients.map((client) => client.untilAsked(RUN)))
      const [early, ...late] = clients
      expect((await submit(early!)).status).toBe(200)

      expect(limit('1').status).toBe(0)
      for (const client of late) {
        const answer = await submit(client)
        expect(answer.status).toBe(503)
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(Problem.parse(answer.json())).toMatchObject({
          code: 'store_unwritable',
          detail: expect.stringContaining('the database cannot be written'),
        })
      }
      expect(await ready()).toBe(503)
      const told = () =>
        server.log.filter((line) => line.includes('the lease of the rounds cannot be renewed'))
      while (told().length === 0) await new Promise((resolve) => setTimeout(resolve, 50))

      limit('unlimited')
      while ((await ready()) !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
      // What lasts is told once, however often it was tried.
      expect(told()).toHaveLength(1)
      // The receipt of before the disk was full holds.
      for (const client of clients) expect((await submit(client)).status).toBe(200)
      await early!.until(RUN, 1)
      const get = async (from: string) => (await fetch(`${server.url}${from}`)).json()
      expect(Run.parse(await get(`/api/runs/${RUN}`))).toMatchObject({ version: 1, state: 'finished' })
      expect(RoundPage.parse(await get(`/api/runs/${RUN}/rounds`)).items).toMatchObject([
        { state: 'COMMITTED', received: 3, used: 3 },
      ])
      expect(AuditVerification.parse(await get('/api/audit/verification'))).toMatchObject({ sound: true })
    } finally {
      await server.stop()
    }
    const store = await openSqliteStore({ path })
    expect((await store.runs.get(RUN))?.version).toBe(1)
    await store.close()
    rmSync(folder, { recursive: true })
  },
  60_000,
)

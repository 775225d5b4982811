import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROLE as WEBHOOK, migrations as webhook } from '@adf/alertmanager-webhook'
import { migrations as federation } from '@adf/federation-server'
import { migrations as processor } from '@adf/processor'
import { migrate, type OpenDatabase, openPlace, shareOpenDatabase } from '@adf/service'
import { afterAll, expect, test } from 'vitest'
import { runAdf } from '../program/adf.test-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-db-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...args: string[]) => runAdf(['db', ...args, '--json'])
/** Each run is a process of its own. */
const LIMIT_MS = 180_000

async function made(path: string, migrations: typeof processor): Promise<OpenDatabase> {
  const db = await openPlace<unknown>({ path })
  await migrate(db, migrations)
  return db
}
const tablesOf = async (db: OpenDatabase) =>
  (await db.introspection.getTables()).map(({ name }) => name).toSorted()

test.each([
  { service: 'processor', flags: [], migrations: processor },
  { service: 'federation', flags: ['--federation'], migrations: federation },
  { service: 'webhook', flags: ['--webhook'], migrations: webhook },
])(
  'the store of the $service is moved to another file with all of its tables',
  async ({ service, flags, migrations }) => {
    const [path, to] = [join(folder, `${service}.db`), join(folder, `${service}-moved.db`)]
    const source = await made(path, migrations)
    const moved = await run('move', '--to', to, ...flags, '--set', `store.path=${path}`)
    expect(moved).toMatchObject({ status: 0, err: '' })
    const names = JSON.parse(moved.out).tables.map(({ table }: { table: string }) => table)
    const target = await openPlace<unknown>({ path: to })
    for (const db of [source, target]) {
      expect(await tablesOf(db)).toEqual(names)
      await db.destroy()
    }
  },
  LIMIT_MS,
)

test(
  'a store is backed up while webhooks have it, but not touched',
  async () => {
    const path = join(folder, 'used.db')
    const store = ['--webhook', '--set', `store.path=${path}`]
    const db = await made(path, webhook)
    const part = { place: { path }, role: WEBHOOK }
    const one = await shareOpenDatabase(db, part)
    const other = await shareOpenDatabase(db, part)
    await one.release()
    const [back, backup] = await Promise.all([
      run('migrate', '--down', '--yes', ...store),
      run('backup', join(folder, 'backup.db'), ...store),
    ])
    expect(back).toMatchObject({
      status: 1,
      err: expect.stringContaining(`${path} is in use by another adf`),
    })
    expect(backup).toMatchObject({ status: 0, err: '' })
    await other.release()
    await db.destroy()
  },
  LIMIT_MS,
)

test(
  'the store is of one service',
  async () => {
    expect(await run('migrate', '--federation', '--webhook')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/--federation.*cannot be used with.*--webhook/),
    })
  },
  LIMIT_MS,
)

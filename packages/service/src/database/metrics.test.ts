import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createRegistry } from '../metrics/registry.ts'
import { GroupCommit } from './commit.ts'
import { DatabaseUnwritable } from './error.ts'
import { databaseMetrics } from './metrics.ts'
import { openDatabase } from './open.ts'

const registryOf = () => createRegistry({ processMetrics: false })

test('the room of an SQLite file is that of its disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'adf-room-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const registry = registryOf()
  databaseMetrics(registry, { path: join(folder, 'not', 'there', 'yet.db') })
  // A folder that is not there has no figure.
  expect(await registry.metrics()).not.toMatch(/^adf_database_disk_free_bytes /m)
  const there = registryOf()
  databaseMetrics(there, { path: join(folder, 'adf.db') })
  const text = await there.metrics()
  const { blocks, bsize } = statfsSync(folder)
  const size = Number(/^adf_database_disk_size_bytes (\S+)$/m.exec(text)?.[1])
  const free = Number(/^adf_database_disk_free_bytes (\S+)$/m.exec(text)?.[1])
  expect(size).toBe(blocks * bsize)
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThanOrEqual(size)
})

test('a database of a server or in memory has no room to tell of', async () => {
  const registry = registryOf()
  databaseMetrics(registry, { path: ':memory:' })
  const text = await registry.metrics()
  expect(text).not.toMatch(/^adf_database_disk_\w+ /m)
  expect(text).toMatch(/^adf_database_writable 1$/m)
})

test('commits are counted with their time, and a fault shows until it is over', async () => {
  const db = await openDatabase<{ t: { x: number } }>({ path: ':memory:' })
  onTestFinished(() => db.destroy())
  await db.schema.createTable('t').addColumn('x', 'integer').execute()
  const registry = registryOf()
  const { committed, writable } = databaseMetrics(registry, { path: ':memory:' })
  const commit = new GroupCommit(db, { committed })
  await commit.write((tx) => tx.insertInto('t').values({ x: 1 }).execute())
  await commit.stop()
  expect(await registry.metrics()).toMatch(/^adf_database_commit_seconds_count 1$/m)
  writable(new DatabaseUnwritable('SQLITE_FULL', new Error('full')))
  expect(await registry.metrics()).toMatch(/^adf_database_writable 0$/m)
  writable(undefined)
  expect(await registry.metrics()).toMatch(/^adf_database_writable 1$/m)
})

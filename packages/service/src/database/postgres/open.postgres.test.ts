import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, inject, test } from 'vitest'
import { claimOpenDatabase, shareOpenDatabase } from '../claim.ts'
import { GroupCommit } from '../commit.ts'
import { migrate } from '../migrate.ts'
import { openPlace } from '../open.ts'
import { examinePostgres } from './open.ts'
import { placeIn } from './postgres.test-place.ts'
import { startRelay } from './relay.test-server.ts'

const server = inject('postgres')

describe.skipIf(server === undefined)('PostgreSQL', () => {
  test('keeps what was committed, though the server would not wait for its disk', async () => {
    const place = placeIn(server)
    const db = await openPlace(place)
    await sql`alter role adf set synchronous_commit = off`.execute(db)
    try {
      const again = await openPlace(place)
      const { rows } = await sql`show synchronous_commit`.execute(again)
      expect(rows).toEqual([{ synchronous_commit: 'on' }])
      await again.destroy()
    } finally {
      await sql`alter role adf reset synchronous_commit`.execute(db)
      await db.destroy()
    }
  })

  test('a session that the server ends as it begins fails what was asked of it, and nothing else', async () => {
    const place = placeIn(server)
    const relay = await startRelay(place.url)
    const db = await openPlace({ ...place, url: relay.url })
    try {
      relay.endAtReady()
      await expect(sql`select 1`.execute(db)).rejects.toMatchObject({ name: 'DatabaseUnavailable' })
      expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }])
    } finally {
      await db.destroy()
      await relay.close()
    }
  })

  test.each([
    [
      'a wrong password',
      { password: 'wrong' },
      /\(28P01\); check the user of store\.url and store\.password/,
    ],
    [
      'no such database',
      { url: server?.url.replace(/adf$/, 'none') },
      /does not exist \(3D000\); make the database/,
    ],
    [
      'nobody there',
      { url: 'postgres://adf@127.0.0.1:1/adf', connect_timeout: 300 },
      /ECONNREFUSED.*; start the server/,
    ],
    ['a server without TLS', { tls: {} }, /does not support SSL/],
    [
      'a file of TLS that is not there',
      { tls: { ca_file: '/none.pem' } },
      /store\.tls\.ca_file: \/none\.pem cannot be read/,
    ],
    [
      'a file of a password that is not there',
      { password: undefined, password_file: '/none' },
      /store\.password_file: \/none/,
    ],
  ])('is not opened with %s, and says what to do', async (_, more, message) => {
    const place = placeIn(server, more as object)
    await expect(openPlace(place)).rejects.toMatchObject({ name: 'DatabaseError', message })
    await expect(examinePostgres(place)).rejects.toMatchObject({ name: 'DatabaseError', message })
  })

  test('reads its password from a file, and from a URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'adf-password-'))
    const password_file = join(folder, 'password')
    writeFileSync(password_file, `${server?.password}\n`)
    const url = server?.url.replace('adf@', `adf:${server.password}@`)
    for (const more of [{ password_file }, { url }]) {
      const place = placeIn(server, { password: undefined, ...more } as object)
      await examinePostgres(place)
      await (await openPlace(place)).destroy()
    }
    rmSync(folder, { recursive: true })
  })

  test('is not opened read-only', async () => {
    const place = placeIn(server, { url: `${server?.url}` })
    const db = await openPlace(place)
    const role = `r_${randomUUID().replaceAll('-', '')}`
    await sql
      .raw(
        `create role ${role} login password 'x'; alter role ${role} set default_transaction_read_only = on`,
      )
      .execute(db)
    const frozen = { ...place, url: place.url.replace('adf@', `${role}@`), password: 'x' }
    await expect(openPlace(frozen)).rejects.toThrow(/takes no writes/)
    await sql.raw(`alter role ${role} reset default_transaction_read_only`).execute(db)
    await expect(openPlace({ ...frozen, schema: 'another' })).rejects.toThrow(/needs CREATE on the database/)
    await sql.raw(`drop role ${role}`).execute(db)
    await db.destroy()
  })

  test('two services in one database see their own tables only', async () => {
    const [one, two] = [await openPlace(placeIn(server)), await openPlace(placeIn(server))]
    const migration = {
      up: async (db: typeof one) => void (await db.schema.createTable('t').addColumn('x', 'text').execute()),
    }
    expect(await migrate(one, { a: migration })).toEqual(['a'])
    expect(await migrate(two, { b: migration })).toEqual(['b'])
    await expect(migrate(two, { a: migration })).rejects.toThrow(
      /made by a newer version of ADF \(it has b\)/,
    )
    await one.destroy()
    await two.destroy()
  })

  describe('a claim', () => {
    interface Tables {
      thing: { name: string }
    }
    const open = async (place = placeIn(server)) => {
      const db = await openPlace<Tables>(place)
      let lost = 0
      const claim = () => claimOpenDatabase(db, { place, role: 'processor', lostClaim: () => void lost++ })
      return { place, db, claim, lost: () => lost }
    }

    test('is of one process, and free again after it', async () => {
      const first = await open()
      const second = await open(first.place)
      const held = await first.claim()
      await expect(second.claim()).rejects.toThrow(
        new RegExp(
          `in use by another adf, pid ${process.pid} on .*; stop that one, or give this one its own store.schema`,
        ),
      )
      await held.release()
      await held.release()
      const now = await second.claim()
      await now.release()
      for (const { db } of [first, second]) await db.destroy()
    })

    test('is not of one while others take part, also after their sessions ended, and the other way round', async () => {
      const place = placeIn(server)
      const [db, other] = [await openPlace(place), await openPlace(place)]
      const share = () => shareOpenDatabase(db, { place, role: 'webhook' })
      const claim = () => claimOpenDatabase(other, { place, role: 'webhook', lostClaim: () => {} })
      const [first, second] = [await share(), await share()]
      await expect(claim()).rejects.toThrow(
        /in use by another adf, connected from 127.0.0.1, 127.0.0.1; stop that one/,
      )
      await first.release()
      const holders = async () =>
        (
          await sql<{
            pid: number
          }>`select pid from pg_locks where mode = 'ShareLock' and locktype = 'advisory'`.execute(db)
        ).rows.map(({ pid }) => pid)
      const before = await holders()
      await sql`select pg_terminate_backend(pid) from pg_locks
        where mode = 'ShareLock' and locktype = 'advisory'`.execute(db)
      // The session that ends may still hold it for a moment.
      await expect
        .poll(async () => (await holders()).filter((pid) => !before.includes(pid)).length, {
          timeout: 20_000,
        })
        .toBe(1)
      await expect(claim()).rejects.toThrow(/in use by another adf, connected from/)
      await second.release()
      const alone = await claim()
      await expect(share()).rejects.toThrow(new RegExp(`in use by another adf, pid ${process.pid} on`))
      await alone.release()
      await (await share()).release()
      for (const one of [db, other]) await one.destroy()
    })

    test('outlives the end of its session, unless another took it: then nothing is written any more', async () => {
      const first = await open()
      await sql`create table thing (name text)`.execute(first.db)
      const held = await first.claim()
      const commit = new GroupCommit(first.db, { trialEveryMs: 20 })
      const add = (name: string) => commit.write((db) => db.insertInto('thing').values({ name }).execute())
      const holders = sql<{ pid: number }>`select pid from pg_locks where locktype = 'advisory' and granted`
      const cut = () =>
        sql`select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and granted and pid <> pg_backend_pid()`.execute(first.db)
      const before = (await holders.execute(first.db)).rows
      await cut()
      await add('a')
      await expect.poll(async () => (await holders.execute(first.db)).rows.length).toBe(before.length)
      await add('b')

      // As another process does that found the lock free.
      await sql`update adf_claims set holder = ${randomUUID()}`.execute(first.db)
      await expect(add('c')).rejects.toMatchObject({ name: 'DatabaseUnwritable', code: 'CLAIM_LOST' })
      await cut()
      await expect.poll(first.lost).toBe(1)
      expect(await first.db.selectFrom('thing').selectAll().execute()).toEqual([{ name: 'a' }, { name: 'b' }])
      await commit.stop()
      await held.release()
      await first.db.destroy()
    })
  })
})

import { type Generated, type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { GroupCommit } from '../commit.ts'
import { openPlace } from '../open.ts'
import { placeIn } from './postgres.test-place.ts'
import { type Fate, startRelay } from './relay.test-server.ts'

interface Tables {
  thing: { id: Generated<number>; name: string }
}

const server = inject('postgres')

describe.skipIf(server === undefined)('group commit in PostgreSQL', () => {
  let relay: Awaited<ReturnType<typeof startRelay>>
  /** By the relay. */
  let db: Kysely<Tables>
  let direct: Kysely<Tables>
  let commit: GroupCommit<Tables>
  let told: (string | undefined)[]
  beforeEach(async () => {
    const place = placeIn(server)
    relay = await startRelay(place.url)
    direct = await openPlace<Tables>(place)
    await direct.schema
      .createTable('thing')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .execute()
    db = await openPlace<Tables>({ ...place, url: relay.url })
    told = []
    commit = new GroupCommit(db, { trialEveryMs: 20, changed: (fault) => told.push(fault?.code) })
  })
  afterEach(async () => {
    await commit.stop()
    await db.destroy()
    await direct.destroy()
    await relay.close().catch(() => {})
  })

  const committed = async () =>
    (await direct.selectFrom('thing').select('name').orderBy('id').execute()).map(({ name }) => name)
  const add = (name: string) =>
    commit.write(async (transaction) => {
      await transaction.insertInto('thing').values({ name }).execute()
      return name
    })
  /** The fate of the first message that holds the text; all others pass. */
  const once = (text: string, decided: Fate) => {
    let met = false
    relay.decide((message) => {
      if (met || !message.includes(text)) return 'pass'
      met = true
      return decided
    })
    return () => met
  }

  test('keeps the order, and undoes and rejects one bad write alone', async () => {
    await add('a')
    const results = await Promise.allSettled([add('b'), add('a'), add('c')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: '23505' } })
    expect(await committed()).toEqual(['a', 'b', 'c'])
  })

  test('keeps the order of writes alone and beside others', async () => {
    const turns = ['beside', 'alone', 'alone', 'beside', 'beside', 'alone'] as const
    await Promise.all(
      turns.map((turn, n) =>
        commit.write(
          (one) =>
            one
              .insertInto('thing')
              .values({ name: `${n}` })
              .execute(),
          turn,
        ),
      ),
    )
    expect(await committed()).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  test('of two processes writes beside others run at once, and one alone when no other does', async () => {
    const elsewhere = new GroupCommit(direct)
    const [both, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let aloneRan = false
    const first = commit.write(async (one) => {
      await both.promise
      await over.promise
      await one.insertInto('thing').values({ name: 'first' }).execute()
    }, 'beside')
    await elsewhere.write(async (one) => {
      await one.insertInto('thing').values({ name: 'second' }).execute()
      both.resolve()
    }, 'beside')
    const alone = elsewhere.write(async (one) => {
      aloneRan = true
      await one.insertInto('thing').values({ name: 'third' }).execute()
    })
    const waiting = sql<{
      n: number
    }>`select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`
    while ((await waiting.execute(direct)).rows[0]?.n !== 1) await new Promise((next) => setTimeout(next, 5))
    expect(aloneRan).toBe(false)
    over.resolve()
    await Promise.all([first, alone])
    expect((await committed()).toSorted()).toEqual(['first', 'second', 'third'])
    await elsewhere.stop()
  })

  test.each([
    ['before the server hears of the commit', 'lose'],
    ['before the server answers to the commit', 'mute'],
  ] as const)('a connection that is lost %s loses and doubles nothing', async (_, decided) => {
    const met = once('; commit', decided)
    expect(await Promise.all([add('a'), add('b')])).toEqual(['a', 'b'])
    expect(met()).toBe(true)
    expect(await committed()).toEqual(['a', 'b'])
    expect(told).toEqual([])
  })

  test('nor does one that is lost at a write, or while one bad write is sought', async () => {
    const met = once('insert into "thing"', 'mute')
    expect(await add('a')).toBe('a')
    expect(met()).toBe(true)
    const apart = once('savepoint', 'lose')
    const results = await Promise.allSettled([add('b'), add('a')])
    expect(apart()).toBe(true)
    const kept = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(await committed()).toEqual(['a', ...kept])
  })

  test('writes whose outcome is unknown wait until the server can be asked; others are refused meanwhile', async () => {
    let lost = false
    relay.decide((message) => {
      // From the commit on nobody gets through.
      lost ||= message.includes('; commit')
      return lost ? (message.includes('; commit') ? 'mute' : 'lose') : 'pass'
    })
    let answer: string | undefined
    const first = add('a').then((name) => {
      answer = name
    })
    await expect.poll(() => told).toEqual(['CONNECTION_LOST'])
    await expect(add('b')).rejects.toMatchObject({ name: 'DatabaseUnwritable' })
    expect(answer).toBeUndefined()
    relay.decide(() => 'pass')
    await first
    await expect.poll(() => commit.fault).toBeUndefined()
    await add('c')
    expect(await committed()).toEqual(['a', 'c'])
  })

  test('when the queue is closed before, they are told that it is unknown', async () => {
    let lost = false
    relay.decide((message) => {
      lost ||= message.includes('; commit')
      return lost ? 'lose' : 'pass'
    })
    const first = add('a')
    first.catch(() => {})
    await expect.poll(() => told.length).toBe(1)
    await commit.stop()
    await expect(first).rejects.toMatchObject({ name: 'DatabaseUnwritable', code: 'OUTCOME_UNKNOWN' })
  })

  test('a session that an operator ends is replaced unnoticed', async () => {
    await add('a')
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where pid <> pg_backend_pid() and datname = current_database()`.execute(direct)
    await add('b')
    expect(await committed()).toEqual(['a', 'b'])
    expect(told).toEqual([])
  })

  test('while the server is gone writes are refused, and taken again by themselves', async () => {
    await add('a')
    await relay.close()
    await expect(add('b')).rejects.toMatchObject({ name: 'DatabaseUnwritable', code: 'ECONNREFUSED' })
    expect(commit.fault).toMatchObject({ message: expect.stringMatching(/cannot be reached/) })
    await relay.open()
    await expect.poll(() => commit.fault).toBeUndefined()
    await add('c')
    expect(await committed()).toEqual(['a', 'c'])
    expect(told).toEqual(['ECONNREFUSED', undefined])
    expect((await direct.introspection.getTables()).map(({ name }) => name)).not.toContain('adf_trial')
  })

  test('a read-only database is told so, and written again once it takes writes', async () => {
    await add('a')
    await sql`alter database adf set default_transaction_read_only = on`.execute(direct)
    try {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and datname = current_database()`.execute(direct)
      await expect(add('b')).rejects.toMatchObject({ name: 'DatabaseUnwritable', code: '25006' })
    } finally {
      await sql`alter database adf set default_transaction_read_only = off`.execute(direct)
    }
    await expect.poll(() => commit.fault).toBeUndefined()
    await add('c')
    expect(await committed()).toEqual(['a', 'c'])
  })

  test('text with NUL, which PostgreSQL cannot hold, is stored without it', async () => {
    await add('a\0b')
    expect(await committed()).toEqual(['a\u{fffd}b'])
  })

  test('numbers that are not whole compare with whole ones, and are stored in their columns rounded', async () => {
    for (const name of ['a', 'b', 'c']) await add(name)
    const below = async (id: number) =>
      (await direct.selectFrom('thing').select('name').where('id', '<', id).orderBy('id').execute()).length
    expect([await below(2), await below(2.5), await below(Infinity), await below(-Infinity)]).toEqual([
      1, 2, 3, 0,
    ])
    await direct
      .insertInto('thing')
      .values([
        { id: 7, name: 'd' },
        { id: 8.75, name: 'e' },
      ])
      .execute()
    expect(await direct.selectFrom('thing').select('id').where('id', '>', 3).orderBy('id').execute()).toEqual(
      [{ id: 7 }, { id: 9 }],
    )
  })

  test('two processes take turns: what one read is what it changes', async () => {
    const other = new GroupCommit(direct)
    const raise = (by: GroupCommit<Tables>) =>
      by.write(async (transaction) => {
        const rows = await transaction.selectFrom('thing').select('name').execute()
        const next = Math.max(0, ...rows.map(({ name }) => Number(name))) + 1
        await transaction
          .insertInto('thing')
          .values({ name: String(next) })
          .execute()
      })
    await Promise.all(Array.from({ length: 40 }, (_, i) => raise(i % 2 === 0 ? commit : other)))
    expect(await committed()).toEqual(Array.from({ length: 40 }, (_, i) => String(i + 1)))
    await other.stop()
  })
})

import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openDatabase } from './open.ts'
import { PreparedStatements } from './prepared.ts'

const statement = {
  reader: true,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

it('prepares each text once, and gives up the one that was not used for longest', () => {
  const prepared: string[] = []
  const statements = new PreparedStatements((text) => {
    prepared.push(text)
    return { ...statement }
  }, 2)
  const first = statements.of('a')
  statements.of('b')
  expect(statements.of('a')).toBe(first)
  statements.of('c')
  expect(statements.of('a')).toBe(first)
  statements.of('b')
  expect([prepared, statements.size]).toEqual([['a', 'b', 'c', 'b'], 2])
})

it('does not keep a statement that cannot be prepared', () => {
  const statements = new PreparedStatements(() => {
    throw new Error('near "selct"')
  })
  expect(() => statements.of('selct 1')).toThrow('selct')
  expect(statements.size).toBe(0)
})

it('sees a schema that changes under a statement', async () => {
  const db = await openDatabase<unknown>({ path: ':memory:' })
  const rows = async () => (await sql`select * from things`.execute(db)).rows
  try {
    await sql`create table things (name text)`.execute(db)
    await sql`insert into things values ('one')`.execute(db)
    expect(await rows()).toEqual([{ name: 'one' }])
    await sql`alter table things add column size integer default 3`.execute(db)
    expect(await rows()).toEqual([{ name: 'one', size: 3 }])
    await sql`drop table things`.execute(db)
    await expect(rows()).rejects.toThrow('no such table')
    await sql`create table things (other text)`.execute(db)
    expect(await rows()).toEqual([])
  } finally {
    await db.destroy()
  }
})

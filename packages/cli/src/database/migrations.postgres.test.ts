import { migrations as webhook } from '@adf/alertmanager-webhook'
import { migrations as federation } from '@adf/federation-server'
import { migrations as processor } from '@adf/processor'
import { type DatabasePlace, migrate, migrateDown, type OpenDatabase, openPlace } from '@adf/service'
import { placeIn } from '@adf/service/testing'
import { describe, expect, inject, test } from 'vitest'

const server = inject('postgres')
const inPostgres = (): DatabasePlace => placeIn(server, { connect_timeout: 30_000 })
const engines = [
  { engine: 'SQLite', place: (): DatabasePlace => ({ path: ':memory:' }) },
  ...(server === undefined ? [] : [{ engine: 'PostgreSQL', place: inPostgres }]),
]
const services = Object.entries({ processor, federation, webhook })

/** Tables with their columns, types left out: engines call them otherwise. */
async function shape(db: OpenDatabase): Promise<string[]> {
  const tables = await db.introspection.getTables()
  return tables
    .map(({ name, columns }) => `${name}: ${columns.map((column) => column.name).toSorted()}`)
    .toSorted()
}

describe.each(services)('migrations of the %s', (_, migrations) => {
  const names = Object.keys(migrations)

  test.each(engines)(
    'are taken back one by one in $engine, all but the first, and each leaves what was there before',
    async ({ place }) => {
      const db = await openPlace<unknown>(place())
      const shapes: string[][] = []
      for (const n of names.keys()) {
        const some = Object.fromEntries(Object.entries(migrations).slice(0, n + 1))
        expect(await migrate(db, some)).toEqual([names[n]])
        shapes.push(await shape(db))
      }
      for (let n = names.length - 1; n > 0; n--) {
        expect(await migrateDown(db, migrations)).toBe(names[n])
        expect(await shape(db)).toEqual(shapes[n - 1])
      }
      await expect(migrateDown(db, migrations)).rejects.toThrow(`${names[0]} cannot be taken back`)
      expect(await migrate(db, migrations)).toEqual(names.slice(1))
      expect(await shape(db)).toEqual(shapes.at(-1))
      await db.destroy()
    },
  )
})

/** The shop's database: SQLite in memory behind a TCP port, in a process of its own, without instrumentation. */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { onOrder, report } from '../runtime/control.ts'
import { listen } from '../runtime/proxy.ts'
import { logNormal, seededRandom, seedOf } from '../runtime/random.ts'
import { createWireServer } from '../runtime/wire.ts'
import { DATABASE } from '../shop/topology.ts'

const PRODUCTS = 50
/** Rows of each growing table that are kept; the demo may run for days. */
const MAX_ROWS = 2000
/** Disk and lock waits that an in-memory database does not have. */
const QUERY_MS = 2.5

const random = seededRandom(seedOf(Number(process.argv[2] ?? 1), DATABASE))
const database = new DatabaseSync(':memory:')
database.exec(`
  CREATE TABLE products (product TEXT PRIMARY KEY, title TEXT);
  CREATE TABLE stock (product TEXT PRIMARY KEY, quantity INTEGER);
  CREATE TABLE prices (product TEXT PRIMARY KEY, price REAL);
  CREATE TABLE carts (user TEXT, product TEXT, quantity INTEGER);
  CREATE TABLE orders (user TEXT, number TEXT);
  CREATE TABLE payments (user TEXT, amount REAL);
  CREATE TABLE ledger (entry TEXT, amount REAL);
  CREATE INDEX carts_user ON carts (user);
`)
for (const table of ['carts', 'payments', 'ledger']) {
  database.exec(
    `CREATE TRIGGER bound_${table} AFTER INSERT ON ${table} BEGIN DELETE FROM ${table} WHERE rowid <= new.rowid - ${MAX_ROWS}; END`,
  )
}
for (let i = 1; i <= PRODUCTS; i++) {
  database.prepare('INSERT INTO products VALUES (?, ?)').run(`p-${i}`, `Product ${i}`)
  database.prepare('INSERT INTO stock VALUES (?, ?)').run(`p-${i}`, 1_000_000)
  database.prepare('INSERT INTO prices VALUES (?, ?)').run(`p-${i}`, Math.round(500 + 9500 * random()) / 100)
}

// Carts are as full from the start as they are later: what is normal must not drift.
const fill = database.prepare('INSERT INTO carts VALUES (?, ?, 1)')
for (let i = 0; i < MAX_ROWS; i++) fill.run(`u-${1 + (i % 100)}`, `p-${1 + Math.floor(random() * PRODUCTS)}`)

const slowMs = new Map<string, number>()
onOrder((order) => {
  if (order.kind === 'slow-queries') slowMs.set(order.service, order.ms)
})

interface Query {
  readonly service: string
  readonly sql: string
  readonly parameters: readonly (string | number)[]
}

const server = createWireServer(async (_method, body) => {
  const { service, sql, parameters } = body as Query
  await setTimeout(logNormal(random, QUERY_MS) + (slowMs.get(service) ?? 0))
  return database.prepare(sql).all(...parameters)
})
report({ kind: 'ready', port: await listen(server, 0) })

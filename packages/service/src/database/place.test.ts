import { expect, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../config/load.ts'
import { printConfig } from '../config/print.ts'
import { nameOfPlace, placeFaults, placeKeys, placeOf } from './place.ts'
import { readAddress } from './postgres/address.ts'

const Config = z.strictObject({
  store: z
    .strictObject(placeKeys({ path: 'default.db', schema: 'adf' }))
    .superRefine(placeFaults)
    .prefault({}),
})
const load = (...set: string[]) => loadConfig(Config, { set, env: {} }).config.store
const faults = (...set: string[]) => {
  try {
    load(...set)
    return []
  } catch (error) {
    return (error as { faults: { path: string; message: string }[] }).faults.map(
      ({ path, message }) => `${path}: ${message}`,
    )
  }
}
const url = (text: string) => `store.url=${text}`

test('is a file unless there is a URL', () => {
  expect(placeOf(load(), 'default.db')).toEqual({ path: 'default.db' })
  expect(placeOf(load('store.path=x.db'), 'default.db')).toEqual({ path: 'x.db' })
  const place = placeOf(load(url('postgres://adf@db:6432/adf')), 'default.db')
  expect(place).toMatchObject({
    schema: 'adf',
    pool_size: 10,
    connect_timeout: 5000,
    statement_timeout: 30_000,
  })
  expect(nameOfPlace(place)).toBe('postgres://db:6432/adf (schema adf)')
})

test.each([
  [[url('http://db/adf')], ['store.url: expected a URL such as postgres://adf@db.example:5432/adf']],
  [[url('nonsense')], ['store.url: expected a URL such as postgres://adf@db.example:5432/adf']],
  [[url('postgres://db')], ['store.url: names no database: postgres://user@host:port/database']],
  [
    [url('postgres://db/adf?sslmode=prefer&a=1'), 'store.path=x.db'],
    [
      'store.url: cannot be together with path: one of them is the store',
      'store.url: sslmode must be disable, require, verify-ca, verify-full; each but the first verifies the server',
      'store.url: has the parameter a, which is not one of host, sslmode',
    ],
  ],
  [
    ['store.password=x', 'store.password_file=y'],
    ['store.password: is for PostgreSQL: set url too', 'store.password_file: is for PostgreSQL: set url too'],
  ],
  [
    [url('postgres://db/adf'), 'store.password=x', 'store.password_file=y'],
    ['store.password_file: cannot be together with password'],
  ],
  [
    [url('postgres://db/adf'), 'store.schema=Robert"; drop'],
    [expect.stringMatching(/^store\.schema: expected lower-case/)],
  ],
  [[url('postgres://db/adf'), 'store.pool_size=1'], [expect.stringMatching(/^store\.pool_size: /)]],
  [[url('postgres://db/adf'), 'store.statement_timeout=1ms'], [expect.stringMatching(/from 1s to 10m/)]],
])('refuses %j', (set, expected) => {
  expect(faults(...set)).toEqual(expected)
})

test('a password comes from the environment too, and is never printed', () => {
  const env = { ADF_STORE__PASSWORD: 'hush', ADF_STORE__URL: 'postgres://adf:hush@db/adf' }
  const { config } = loadConfig(Config, { env })
  expect(config.store.password).toBe('hush')
  expect(printConfig(Config, config)).not.toContain('hush')
})

test.each([
  [
    'postgres://adf:p%40ss@[::1]:5433/a%20b',
    { host: '::1', port: 5433, user: 'adf', password: 'p@ss', database: 'a b' },
  ],
  ['postgresql://db/adf', { host: 'db', port: 5432, user: undefined, password: undefined, tls: false }],
  ['postgres:///adf?host=/run/postgresql', { host: '/run/postgresql', database: 'adf' }],
  ['postgres://db/adf?sslmode=verify-full', { tls: true }],
  ['postgres://db/adf?sslmode=disable', { tls: false }],
])('reads %s', (text, expected) => {
  expect(readAddress(text)).toMatchObject(expected)
})

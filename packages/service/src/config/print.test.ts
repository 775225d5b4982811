import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { describeConfig } from './describe.ts'
import { listener } from './listener.ts'
import { printConfig, writtenDuration, writtenSize } from './print.ts'
import { bytes, duration } from './scalars.ts'

const Example = z.strictObject({
  api: listener(8080).meta({ description: 'the API' }),
  windows: z.array(z.strictObject({ wide: duration('90s'), keep: bytes('10MiB') })).default([]),
  level: z.enum(['info', 'debug']).default('info').meta({ description: 'how much' }),
  share: z.number().gt(0).max(1).default(0.5),
  count: z.int().min(1).default(3).meta({ reserved: true, description: 'later' }),
  url: z.url().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  password: z.string().optional(),
  password_file: z.string().optional(),
})

test('what is printed reads back to the same configuration', () => {
  const config = Example.parse({
    windows: [
      { wide: '90s', keep: '1KB' },
      { wide: 1, keep: 1001 },
    ],
    api: { port: 0 },
  })
  const printed = printConfig(Example, config)
  expect(Example.parse(parse(printed))).toEqual(config)
  expect(parse(printed)).toMatchObject({
    windows: [
      { wide: '90s', keep: '1KiB' },
      { wide: '1ms', keep: 1001 },
    ],
  })
})

test('credentials are masked, files that hold them are not', () => {
  const printed = printConfig(
    Example,
    Example.parse({
      headers: { Authorization: 'Bearer abc123', 'X-Api-Key': 'abc123', 'x-tenant': 'abc123' },
      url: 'https://me:abc123@example.org/x',
      password: 'abc123',
      password_file: '/run/secrets/password',
    }),
  )
  expect(printed).not.toContain('abc123')
  expect(parse(printed)).toMatchObject({
    headers: { Authorization: '(secret)', 'x-tenant': '(secret)' },
    url: 'https://(secret)@example.org/x',
    password_file: '/run/secrets/password',
  })
})

test.each([
  [0, '0s'],
  [250, '250ms'],
  [1500, '1500ms'],
  [10_000, '10s'],
  [5_400_000, '90m'],
  [2_592_000_000, '30d'],
])('%d ms is written %s', (milliseconds, text) => {
  expect(writtenDuration(milliseconds)).toBe(text)
})

test.each([
  [0, 0],
  [1000, 1000],
  [1024, '1KiB'],
  [64 * 2 ** 20, '64MiB'],
  [3 * 2 ** 30, '3GiB'],
])('%d bytes are written %s', (count, text) => {
  expect(writtenSize(count)).toBe(text)
})

test('every key is described with type, default and meaning', () => {
  const rows = new Map(describeConfig(Example).map((row) => [row.path, row]))
  expect(rows.get('api')).toMatchObject({ type: 'section', description: 'the API' })
  expect(rows.get('api.port')).toMatchObject({ type: 'integer ≥ 0, ≤ 65535', default: '8080' })
  expect(rows.get('api.tls.cert_file')).toMatchObject({ type: 'text', required: true })
  expect(rows.get('windows')).toMatchObject({ type: 'list of sections', default: '[]' })
  expect(rows.get('windows[].wide')).toMatchObject({ type: 'duration', default: '90s' })
  expect(rows.get('windows[].keep')).toMatchObject({ type: 'size', default: '10MiB' })
  expect(rows.get('level')).toMatchObject({ type: 'info | debug', default: 'info', description: 'how much' })
  expect(rows.get('share')?.type).toBe('number > 0, ≤ 1')
  expect(rows.get('count')).toMatchObject({ type: 'integer ≥ 1', reserved: true })
  expect(rows.get('url')).toMatchObject({ type: 'URL', default: '', required: false })
  expect(rows.get('headers')).toMatchObject({ type: 'map of name to text', default: '{}' })
})

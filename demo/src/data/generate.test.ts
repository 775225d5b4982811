import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeCsv } from './csv.ts'
import { FEATURES } from './features.ts'
import { type GenerateOptions, generateRows, type Row, seasonAt } from './generate.ts'

const options: GenerateOptions = {
  service: 'checkout',
  hours: 96,
  intervalMs: 60_000,
  seed: 7,
  rate: 0.03,
  startMs: Date.UTC(2026, 0, 5),
}
const rows = [...generateRows(options)]
const column = (name: string, of: readonly Row[] = rows) => {
  const at = FEATURES.findIndex((shape) => shape.name === name)
  return of.map((row) => row.values[at] ?? Number.NaN)
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-generate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the same seed gives the same bytes, another seed or service others', async () => {
  const bytes = async (change: Partial<GenerateOptions>) => {
    const file = join(folder, 'data.csv.gz')
    await writeCsv(generateRows({ ...options, hours: 12, ...change }), file)
    return readFileSync(file)
  }
  const first = await bytes({})
  expect((await bytes({})).equals(first)).toBe(true)
  expect((await bytes({ seed: 8 })).equals(first)).toBe(false)
  expect((await bytes({ service: 'cart' })).equals(first)).toBe(false)
})

test('the file has the 17 features between the time and the label', async () => {
  const file = join(folder, 'data.csv.gz')
  const written = await writeCsv(generateRows({ ...options, hours: 12 }), file)
  const lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  const header = lines[0]?.split(',') ?? []
  expect(header).toHaveLength(20)
  expect(header.slice(0, 3)).toEqual(['timestamp', 'request_rate', 'error_rate'])
  expect(header.slice(-2)).toEqual(['label', 'type'])
  expect(lines).toHaveLength(12 * 60 + 1)
  expect(written.rows).toBe(12 * 60)
  expect(lines[1]?.startsWith('2026-01-05T00:00:00.000Z,')).toBe(true)
  for (const line of lines.slice(1)) {
    const cells = line.split(',')
    expect(cells).toHaveLength(20)
    expect(cells[18] === '1').toBe(['point', 'contextual', 'collective'].includes(cells[19] ?? ''))
  }
})

test('a file that cannot be finished is not left behind', async () => {
  const file = join(folder, 'data.csv')
  const broken = function* (): Generator<Row> {
    yield* rows.slice(0, 3)
    throw new Error('no more')
  }
  await expect(writeCsv(broken(), file)).rejects.toThrow('no more')
  expect(readdirSync(folder)).toEqual([])
})

test('labels come at the given rate, a third of each type, none in the first tenth', () => {
  for (const rate of [0, 0.01, 0.03, 0.1]) {
    const data = [...generateRows({ ...options, rate })]
    for (const type of ['point', 'contextual', 'collective']) {
      const share = data.filter((row) => row.type === type).length / data.length
      expect(share).toBeCloseTo(rate / 3, 3)
    }
    expect(data.slice(0, data.length / 10).every((row) => row.type === undefined)).toBe(true)
  }
})

test('values are finite, in range, and follow the day', () => {
  for (const [i, shape] of FEATURES.entries()) {
    for (const row of rows) {
      expect(row.values[i]).toBeGreaterThanOrEqual(shape.min)
      expect(row.values[i]).toBeLessThanOrEqual(shape.max)
    }
  }
  const normal = rows.filter((row) => row.type === undefined)
  const busy = column(
    'request_rate',
    normal.filter((row) => seasonAt(row.timeMs) > 0.5),
  )
  const calm = column(
    'request_rate',
    normal.filter((row) => seasonAt(row.timeMs) < -0.5),
  )
  expect(mean(busy)).toBeGreaterThan(2 * mean(calm))
  const disk = column('disk_usage_percent')
  expect(mean(disk.slice(-60))).toBeGreaterThan(mean(disk.slice(0, 60)) * 1.02)
})

test('each type of anomaly is what it says', () => {
  const clean = [...generateRows({ ...options, rate: 0 })]
  const differing = rows.flatMap((row, i) =>
    FEATURES.flatMap((shape, j) => (row.values[j] === clean[i]?.values[j] ? [] : [{ row, shape, i, j }])),
  )
  const of = (type: string) => differing.filter(({ row }) => row.type === type)
  expect(differing.every(({ row }) => row.type !== undefined)).toBe(true)

  for (const { row, i, j } of of('point')) {
    const usual = clean[i]?.values[j] ?? Number.NaN
    expect(row.values[j]! / usual).toBeGreaterThan(1.2)
    expect([rows[i - 1]?.type, rows[i + 1]?.type]).toEqual([undefined, undefined])
  }
  for (const { row, shape, i } of of('contextual')) {
    const all = column(shape.name, clean)
    expect(column(shape.name, rows)[i]).toBeLessThan(Math.max(...all) * 1.1)
    expect(seasonAt(row.timeMs)).toBeLessThan(0.1)
  }
  const spread = (values: readonly number[]) =>
    Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))) / mean(values)
  const [first] = of('collective')
  const name = first?.shape.name ?? ''
  const stretch = of('collective').filter(({ shape }) => shape.name === name)
  const at = stretch.map(({ i }) => i).filter((i, place) => i === (first?.i ?? 0) + place)
  expect(at.length).toBeGreaterThan(5)
  expect(spread(at.map((i) => column(name)[i] ?? 0))).toBeLessThan(
    spread(at.map((i) => column(name, clean)[i] ?? 0)) / 5,
  )
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Benchmark } from './suite.ts'
import { Missing } from './suite.ts'
import { benchmarks } from './suites.ts'

/** Run on data sets that the repository does not hold; tests of their own run the parts on small ones. */
const NEED_DATA = new Set([
  'quality/rca',
  'quality/graph',
  'quality/detection',
  'quality/log-templates',
  'speed/logs',
  'federation/rounds',
  'federation/privacy',
  'federation/warm-start',
  'thresholds/tuning',
])
/**
 * Take long even so: the shop and a host have to learn what is normal, the Collector takes turns with ADF, simulated data is judged by every
 * detector, what lasts is measured by lasting, and a group on Kafka is started three times.
 */
const TAKE_LONG = new Set([
  'quality/shop',
  'quality/stress',
  'quality/streams',
  'quality/generated',
  'speed/ingest',
  'speed/forward',
  'speed/cardinality',
  'speed/overload',
  'speed/soak',
  'speed/scaling',
])
const PATIENCE_MS = 300_000

const nameOf = ({ suite, name }: Benchmark) => `${suite}/${name}`
const empty = mkdtempSync(join(tmpdir(), 'adf-bench-no-data-'))
afterAll(() => rmSync(empty, { recursive: true }))
const run = (benchmark: Benchmark) =>
  benchmark.run({
    data: empty,
    out: undefined,
    quick: true,
    peers: false,
    minutes: undefined,
    progress: () => {},
  })

const quick = benchmarks.filter((each) => !NEED_DATA.has(nameOf(each)) && !TAKE_LONG.has(nameOf(each)))

describe('the quick form of each benchmark', () => {
  it.each(quick.map((each) => [nameOf(each), each] as const))(
    '%s measures something',
    async (_, benchmark) => {
      const rows = await run(benchmark).catch((error: unknown) => {
        // A program that this machine does not have; CI installs those that there are packages of.
        if (error instanceof Missing) return undefined
        throw error
      })
      if (rows === undefined) return
      expect(rows.length).toBeGreaterThan(0)
      for (const { suite, value, measure } of rows) {
        expect(suite).toBe(benchmark.suite)
        expect(value, measure).not.toBeNaN()
      }
      expect(rows.filter(({ measure, value }) => measure === 'crashes' && value > 0)).toEqual([])
    },
    PATIENCE_MS,
  )

  it.each(
    benchmarks.filter((each) => NEED_DATA.has(nameOf(each))).map((each) => [nameOf(each), each] as const),
  )(
    '%s says what data it needs',
    async (_, benchmark) => {
      await expect(run(benchmark)).rejects.toThrow(Missing)
    },
    PATIENCE_MS,
  )

  it('leaves out only benchmarks that there are', () => {
    const names = benchmarks.map(nameOf)
    for (const name of [...NEED_DATA, ...TAKE_LONG]) expect(names).toContain(name)
  })
})

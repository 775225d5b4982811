import { describe, expect, it } from 'vitest'
import { readArguments, UsageError, usage } from './arguments.ts'
import type { Benchmark } from './suite.ts'
import { formatTable } from './table.ts'

const named = (suite: string, name: string): Benchmark => ({
  suite,
  name,
  describe: `what ${name} does`,
  run: async () => [],
})
const all = [named('speed', 'ingest'), named('speed', 'scoring'), named('quality', 'nezha')]
const read = (argv: string[], env = {}) => readArguments(argv, all, env, '/repo')

describe('bench arguments', () => {
  it('choose a suite, parts of it, or all', () => {
    expect(read(['speed']).chosen.map(({ name }) => name)).toEqual(['ingest', 'scoring'])
    expect(read(['speed', '--only', 'scoring']).chosen.map(({ name }) => name)).toEqual(['scoring'])
    expect(read(['all', '--only', 'ingest,nezha']).chosen.map(({ name }) => name)).toEqual([
      'ingest',
      'nezha',
    ])
  })

  it('take the data from --data, then ADF_DATA, then beside the repository', () => {
    expect(read(['all', '--data', '/d'], { ADF_DATA: '/e' }).data).toBe('/d')
    expect(read(['all'], { ADF_DATA: '/e' }).data).toBe('/e')
    expect(read(['all']).data).toBe('/shared/data')
  })

  it.each([
    [[]],
    [['nonsense']],
    [['speed', '--only', 'nezha']],
    [['speed', 'quality']],
    [['speed', '--fast']],
  ])('refuse %j', (argv) => {
    expect(() => read(argv)).toThrow(UsageError)
  })

  it('name every benchmark in the usage', () => {
    expect(usage(all)).toContain('quality --only nezha')
  })

  it('print rows as a table', () => {
    const row = { suite: 'speed', case: 'grpc', subject: 'adf' }
    const rows = [
      { ...row, measure: 'spans_per_cpu_s', value: 540_123.4 },
      { ...row, measure: 'rss_mb', value: 12.345 },
    ]
    expect(formatTable(rows).split('\n')[1]).toBe('speed  grpc  adf              540,123    12.3')
  })
})

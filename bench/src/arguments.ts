import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Benchmark } from './suite.ts'

export interface Arguments {
  readonly chosen: readonly Benchmark[]
  readonly data: string
  readonly out: string | undefined
  readonly json: string | undefined
  readonly quick: boolean
  readonly peers: boolean
  readonly minutes: number | undefined
  /** How often each benchmark is run as a whole; with `against`, how many pairs of runs. */
  readonly repeat: number
  /** Write what is measured to `bench/results`. */
  readonly record: boolean
  /** The version that this one is compared with. */
  readonly against: string | undefined
}

/** With --against. */
const PAIRS = 3
const MOST = 1000

/** A command line that names nothing to run; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Reads `SUITE [--only NAME[,NAME]] [--data DIR] [--out DIR] [--json FILE] [--quick] [--peers] [--repeat N] [--record] [--against GITREF] [--minutes N]`. Throws UsageError. */
export function readArguments(
  argv: readonly string[],
  benchmarks: readonly Benchmark[],
  env: { readonly ADF_DATA?: string | undefined },
  root: string,
): Arguments {
  const { values, positionals } = parse(argv)
  const [suite, ...rest] = positionals
  if (suite === undefined) throw new UsageError('name a suite')
  if (rest.length > 0) throw new UsageError(`one suite at a time, not also ${rest.join(', ')}`)
  const inSuite = benchmarks.filter((benchmark) => suite === 'all' || benchmark.suite === suite)
  if (inSuite.length === 0) throw new UsageError(`there is no suite ${suite}`)
  const only = (values.only ?? []).flatMap((names) => names.split(','))
  for (const name of only) {
    if (!inSuite.some((benchmark) => benchmark.name === name)) {
      throw new UsageError(`suite ${suite} has no ${name}`)
    }
  }
  const { quick = false, record = false, against } = values
  if (record && quick) throw new UsageError('what --quick measures is too rough to --record')
  if (against !== undefined && record) throw new UsageError('--against compares and does not --record')
  return {
    chosen: only.length === 0 ? inSuite : inSuite.filter(({ name }) => only.includes(name)),
    data: resolve(values.data ?? env.ADF_DATA ?? resolve(root, '../shared/data')),
    out: values.out === undefined ? undefined : resolve(values.out),
    json: values.json === undefined ? undefined : resolve(values.json),
    quick,
    peers: values.peers ?? false,
    minutes: minutesOf(values.minutes),
    repeat: repeatOf(values.repeat, against === undefined ? 1 : PAIRS),
    record,
    against,
  }
}

function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const minutes = Number(text)
  if (!(minutes > 0 && minutes <= 10_000)) throw new UsageError(`--minutes ${text} is no number of minutes`)
  return minutes
}

function repeatOf(text: string | undefined, otherwise: number): number {
  const repeat = text === undefined ? otherwise : Number(text)
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > MOST)
    throw new UsageError(`--repeat is a whole number from 1 to ${MOST}, not ${text}`)
  return repeat
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        data: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'string' },
        quick: { type: 'boolean' },
        peers: { type: 'boolean' },
        minutes: { type: 'string' },
        repeat: { type: 'string' },
        record: { type: 'boolean' },
        against: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

export function usage(benchmarks: readonly Benchmark[]): string {
  const lines = benchmarks.map(
    ({ suite, name, describe }) => `  ${suite} --only ${name}`.padEnd(28) + describe,
  )
  return [
    'usage: npm run bench -- SUITE [--only NAME] [--data DIR] [--out DIR] [--json FILE] [--quick] [--peers] [--repeat N] [--record]',
    '                          [--against GITREF] [--minutes N]',
    '',
    'SUITE is one of these, or `all`:',
    ...lines,
    '',
    '--data DIR   data sets (default: ADF_DATA, else ../shared/data beside the repository)',
    '--out DIR    keep raw results there',
    '--json FILE  write the rows {"suite","case","subject","measure","value"} there',
    '--quick      shorter and rougher',
    '--minutes N  how long the soak takes (120)',
    '--peers      published detectors in the same run, where the suite has any (needs Python)',
    '--repeat N   run each so often; prints medians with least and most',
    '--record     write what is measured to bench/results, which docs/benchmarks.md is made of (then: npm run docs)',
    '--against GITREF  the same in that version too, in turns, --repeat pairs of runs (default 3); prints the ratios',
  ].join('\n')
}

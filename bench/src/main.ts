import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { against } from './against/against.ts'
import { NoWorktree } from './against/worktree.ts'
import { type Arguments, readArguments, UsageError, usage } from './arguments.ts'
import { conditionsBetween, describeMachine, machineTime } from './results/machine.ts'
import { resultRows, writeResult } from './results/result.ts'
import { summarised } from './results/summary.ts'
import { type Benchmark, Missing, type Row } from './suite.ts'
import { benchmarks } from './suites.ts'
import { formatComparison, formatTable } from './table.ts'

const root = resolve(import.meta.dirname, '../..')
const say = (text: string) => process.stderr.write(`${text}\n`)

/** Exit status: 0 done, 1 something is missing or failed, 2 usage. */
async function main(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv, benchmarks, process.env, root)
  const { chosen, out, json } = options
  if (out !== undefined) mkdirSync(out, { recursive: true })
  const keep = (found: unknown) => {
    if (json === undefined) return
    mkdirSync(dirname(json), { recursive: true })
    writeFileSync(json, `${JSON.stringify(found, null, 1)}\n`)
  }
  if (options.against !== undefined) return compare(options, options.against, keep)
  const rows: Row[] = []
  let status = 0
  for (const benchmark of chosen) {
    try {
      rows.push(...(await measured(benchmark, options, argv)))
    } catch (error) {
      if (!(error instanceof Missing)) throw error
      say(`${titleOf(benchmark)}: ${error.message}`)
      status = 1
    }
  }
  if (rows.length > 0) process.stdout.write(`${formatTable(rows)}\n`)
  keep(rows)
  return status
}

const titleOf = ({ suite, name }: Benchmark) => `${suite}/${name}`

async function measured(benchmark: Benchmark, options: Arguments, argv: readonly string[]): Promise<Row[]> {
  const { data, out, quick, peers, minutes, repeat, record } = options
  const progress = (text: string) => say(`${titleOf(benchmark)}: ${text}`)
  const [begin, date] = [machineTime(), new Date().toISOString().slice(0, 10)]
  const runs: (readonly Row[])[] = []
  for (let run = 1; run <= repeat; run++) {
    if (repeat > 1) progress(`run ${run} of ${repeat}`)
    runs.push(await benchmark.run({ data, out, quick, peers, minutes, progress }))
  }
  const rows = summarised(runs)
  if (!record) return rows
  const conditions = conditionsBetween(begin, machineTime())
  writeResult(resolve(root, 'bench/results'), `${benchmark.suite}-${benchmark.name}`, {
    command: commandOf(benchmark, argv),
    date,
    commit: version(),
    machine: describeMachine(),
    ...(conditions !== undefined && { conditions }),
    runs: repeat,
    rows: resultRows(rows),
  })
  return rows
}

/** As it would be typed for this benchmark alone; folders are nobody else's. */
function commandOf({ suite, name }: Benchmark, argv: readonly string[]): string {
  const flags = argv.includes('--peers') ? ' --peers' : ''
  return `npm run bench -- ${suite} --only ${name}${flags}`
}

/** What is checked out, with `+` when it was changed since. */
function version(): string {
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim()
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+')
}

async function compare(
  { chosen, data, quick, peers, repeat }: Arguments,
  ref: string,
  keep: (found: unknown) => void,
): Promise<number> {
  const flags = ['--data', data, ...(quick ? ['--quick'] : []), ...(peers ? ['--peers'] : [])]
  const rows = []
  for (const benchmark of chosen)
    rows.push(...(await against(benchmark, { root, ref, pairs: repeat, flags, progress: say })))
  process.stdout.write(`${formatComparison(rows, ref)}\n`)
  keep(rows)
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof NoWorktree) {
    say(error.message)
    process.exitCode = 1
  } else if (error instanceof UsageError) {
    say(`${error.message}\n\n${usage(benchmarks)}`)
    process.exitCode = 2
  } else throw error
}

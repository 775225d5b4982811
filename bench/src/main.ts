import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { readArguments, UsageError, usage } from './arguments.ts'
import { Missing, type Row } from './suite.ts'
import { benchmarks } from './suites.ts'
import { formatTable } from './table.ts'

const root = resolve(import.meta.dirname, '../..')
const say = (text: string) => process.stderr.write(`${text}\n`)

/** Exit status: 0 done, 1 something is missing or failed, 2 usage. */
async function main(argv: readonly string[]): Promise<number> {
  const { chosen, data, out, json, quick, peers, minutes } = readArguments(
    argv,
    benchmarks,
    process.env,
    root,
  )
  if (out !== undefined) mkdirSync(out, { recursive: true })
  const rows: Row[] = []
  let status = 0
  for (const benchmark of chosen) {
    const title = `${benchmark.suite}/${benchmark.name}`
    try {
      const progress = (text: string) => say(`${title}: ${text}`)
      rows.push(...(await benchmark.run({ data, out, quick, peers, minutes, progress })))
    } catch (error) {
      if (!(error instanceof Missing)) throw error
      say(`${title}: ${error.message}`)
      status = 1
    }
  }
  if (rows.length > 0) process.stdout.write(`${formatTable(rows)}\n`)
  if (json !== undefined) {
    mkdirSync(dirname(json), { recursive: true })
    writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`)
  }
  return status
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(`${error.message}\n\n${usage(benchmarks)}`)
  process.exitCode = 2
}

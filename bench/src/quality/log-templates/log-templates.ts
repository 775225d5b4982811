import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFile } from '@adf/cli'
import { Config, createTables, LogBatchBuilder, LogMining, type PlainLog } from '@adf/processor'
import { Registry } from 'prom-client'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { z } from 'zod'
import type { Benchmark, Row } from '../../suite.ts'
import { type NezhaSet, someNezhaSets } from '../nezha-set.ts'
import { type Judged, judgeGrouping } from './grouping.ts'

const SAMPLE = 300
const BATCH = 1000

const Statements = z.record(z.string(), z.array(z.string().transform((text) => new RegExp(text))))

/** Whether mined templates are the statements of the program, on the log lines of data sets in Nezha's layout. See README.md. */
export const logTemplates: Benchmark = {
  suite: 'quality',
  name: 'log-templates',
  describe: 'grouping accuracy of mined log templates against statements found by hand',
  run: async ({ data }) => {
    const file = readFileSync(join(import.meta.dirname, 'statements.json'), 'utf8')
    const statements = Statements.parse(JSON.parse(file))
    const rows: Row[] = []
    for (const set of someNezhaSets(data)) {
      const lines = await judgedLines(set, statements)
      if (lines.length === 0) continue
      rows.push(...rowsOf(`${set.name}/all`, lines), ...rowsOf(`${set.name}/sample`, sampleOf(lines)))
    }
    return rows
  },
}

/** Every line that has a statement, with the template that it has at the end: a merge counts for lines before it too. */
async function judgedLines(set: NezhaSet, statements: z.output<typeof Statements>): Promise<Judged[]> {
  const registry = new Registry()
  const config = Config.parse({})
  const mining = new LogMining(config.logs, config.graph, registry)
  const builder = new LogBatchBuilder(createTables(config.receiver, registry))
  const found: { statement: string; template: number }[] = []
  for (const path of set.logs.values())
    for await (const records of logFile(path))
      for (let from = 0; from < records.length; from += BATCH) {
        const piece = records.slice(from, from + BATCH)
        builder.reset()
        for (const record of piece) builder.add(record)
        mining.logs(builder.batch, piece[0]?.timeMs ?? 0)
        for (const [row, record] of piece.entries()) {
          const statement = statementOf(record, statements)
          if (statement !== undefined) found.push({ statement, template: builder.batch.template[row] ?? 0 })
        }
      }
  return found.map(({ statement, template }) => ({ statement, template: `${mining.current(template)}` }))
}

function statementOf({ resource, body = '' }: PlainLog, statements: z.output<typeof Statements>) {
  const service = String(resource['service.name'])
  const at = statements[service]?.findIndex((pattern) => pattern.test(body)) ?? -1
  return at < 0 ? undefined : `${service} ${at}`
}

function sampleOf(lines: readonly Judged[]): Judged[] {
  const generator = xoroshiro128plus(1)
  const left = [...lines]
  const count = Math.min(SAMPLE, left.length)
  return Array.from({ length: count }, () => left.splice(uniformInt(generator, 0, left.length - 1), 1)).flat()
}

function rowsOf(name: string, lines: readonly Judged[]): Row[] {
  const measures = { ...judgeGrouping(lines), lines: lines.length }
  return Object.entries(measures).map(([measure, value]) => ({
    suite: 'quality',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))
}

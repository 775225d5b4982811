import { generateRows, MAX_ROWS, writeCsv } from '@adf/demo'
import { type Command, Option } from 'commander'
import { CommandFailed, UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { parseDuration, parsePositive, parseShare, parseTime, parseWhole } from './arguments.ts'

interface Options {
  readonly service: string
  readonly hours: number
  readonly interval: number
  readonly seed: number
  readonly rate: number
  readonly start: number
  readonly out: string
}

const MAX_RATE = 0.3

/** `adf generate`: labelled data. */
export function register(program: Command): void {
  program
    .command('generate')
    .description('write seeded metrics of a service with labelled anomalies, as CSV')
    .requiredOption('--out <file>', 'the file; gzipped when it ends in .gz')
    .option('--service <name>', 'name of the service; each has levels of its own', 'checkout')
    .option('--hours <n>', 'how many hours', parsePositive, 24)
    .addOption(
      new Option('--interval <duration>', 'time between two rows')
        .argParser(parseDuration)
        .default(60_000, '1m'),
    )
    .option('--seed <n>', 'the same seed gives the same bytes', parseWhole, 1)
    .option('--rate <share>', `share of anomalous rows, up to ${MAX_RATE}`, parseShare, 0.03)
    .addOption(
      new Option('--start <time>', 'time of the first row (RFC 3339)')
        .argParser(parseTime)
        .default(Date.UTC(2026, 0, 5), '2026-01-05T00:00:00Z'),
    )
    .addHelpText(
      'after',
      '\nColumns: timestamp, the 17 features, label (0 or 1), type (point, contextual, collective).\nThe first tenth has no anomalies.\n',
    )
    .action(async (options: Options, command: Command) => {
      const { service, hours, interval, seed, rate, start, out } = options
      const rows = Math.floor((hours * 3_600_000) / interval)
      if (rows < 1) throw new UsageError(`${hours} h at this interval is no row at all`)
      if (rows > MAX_ROWS) throw new UsageError(`${rows} rows are more than ${MAX_ROWS}; take fewer hours`)
      if (rate > MAX_RATE)
        throw new UsageError(`--rate ${rate} is more than ${MAX_RATE}: normal would be rare`)
      const data = generateRows({ service, hours, intervalMs: interval, seed, rate, startMs: start })
      const written = await writeCsv(data, out).catch((error: Error) => {
        throw new CommandFailed(`${out} could not be written: ${error.message}`)
      })
      const kinds = Object.entries(written.anomalies).map(([type, count]) => `${count} ${type}`)
      writeAnswer(
        globalOptions(command).json,
        { file: out, ...written },
        () => `${out}: ${written.rows} rows; anomalous: ${kinds.join(', ')}`,
      )
    })
}

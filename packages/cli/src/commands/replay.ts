import { DatabaseError } from '@adf/service'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandFailed, UsageError } from '../output/failure.ts'
import { writeAnswer, writeRemark, writeText } from '../output/write.ts'
import { configOf, globalOptions } from '../program/options.ts'
import { findRecordings, type Recordings } from '../replay/recordings.ts'
import { summaryText } from '../replay/report.ts'
import { playRecordings } from '../replay/session.ts'
import { parseDuration, parsePositive, parseWhole } from './arguments.ts'

interface Options {
  readonly speed: number
  readonly store?: string
  readonly top: number
  readonly seed: number
  readonly gap: number
}

/** `adf replay`: recorded telemetry through the same pipeline, in event time. */
export function register(program: Command): void {
  program
    .command('replay')
    .description('play recorded telemetry: what would ADF have found?')
    .argument('<path...>', 'files or folders: OTLP JSON lines, Jaeger JSON lines, CSV; gzipped or not')
    .addOption(
      new Option('--speed <n|max>', 'times real time, or as fast as it goes')
        .argParser(parseSpeed)
        .default(Number.POSITIVE_INFINITY, 'max'),
    )
    .option('--store <file>', 'SQLite file that gets the anomalies and incidents, for adf up')
    .option('--top <n>', 'causes named', parseTop, 5)
    .option('--seed <n>', 'the same seed gives the same ids', parseWhole, 1)
    .addOption(
      new Option('--gap <duration>', 'spans or logs that pause for longer were not recorded')
        .argParser(parseDuration)
        .default(30_000, '30s'),
    )
    .addHelpText('after', '\nFormats and limits: docs/replay.md.\n')
    .action(async (paths: string[], options: Options, command: Command) => {
      const { json } = globalOptions(command)
      const config = configOf(command)
      const found = await findRecordings(paths, config.edge.interval)
      for (const path of found.left.slice(0, 10)) writeRemark(`${path}: no telemetry is known here; left`)
      if (found.left.length > 10) writeRemark(`and ${found.left.length - 10} more files`)
      if (found.recordings.length === 0) throw new UsageError(`nothing to play in ${paths.join(', ')}`)
      adviseRows(found, config.incident.resolve_after)
      const line = (text: string) => {
        if (!json) writeText(text)
      }
      const result = await playRecordings(found, {
        config,
        seed: options.seed,
        speed: options.speed,
        gapMs: options.gap,
        store: options.store,
        top: options.top,
        line,
      }).catch(explain)
      const open = result.incidents.filter(({ state }) => state === 'open')
      writeAnswer(json, result, () => summaryText(result.summary, open, options.top))
      const ageMs = Date.now() - Date.parse(result.summary.to)
      if (options.store !== undefined && ageMs > config.store.retention)
        writeRemark(
          `The recording is ${days(ageMs)} days old: serve it by adf up --set store.path=${options.store} --set store.retention=${days(ageMs) + 30}d, or its retention deletes it.`,
        )
    })
}

/** Anomalies that are further apart than incidents last never make one. */
function adviseRows({ recordings }: Recordings, resolveMs: number): void {
  const rare = recordings.find(({ intervalMs }) => intervalMs !== undefined && intervalMs >= resolveMs)
  if (rare?.intervalMs === undefined) return
  const seconds = rare.intervalMs / 1000
  writeRemark(
    `${rare.path}: its rows are ${seconds} s apart, so that no two fall into one incident: set incident.resolve_after, as in --set incident.resolve_after=${3 * seconds}s`,
  )
}

const days = (ms: number) => Math.ceil(ms / 86_400_000)

function parseSpeed(text: string): number {
  return text === 'max' ? Number.POSITIVE_INFINITY : parsePositive(text)
}

function parseTop(text: string): number {
  const top = parseWhole(text)
  if (top < 1) throw new InvalidArgumentError('not a number above 0')
  return top
}

function explain(error: unknown): never {
  if (error instanceof DatabaseError) throw new CommandFailed(error.message)
  throw error
}

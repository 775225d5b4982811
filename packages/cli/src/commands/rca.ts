import { EvidenceKind, type Ranking } from '@adf/contract'
import { type Command, Option } from 'commander'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { logFile } from '../files/log-file.ts'
import { FileTelemetry } from '../files/ranking-of-files.ts'
import { metricSamples } from '../files/sample-file.ts'
import { traceFile } from '../files/trace-file.ts'
import { UsageError } from '../output/failure.ts'
import { reasoningText } from '../output/reasoning.ts'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { parseDuration, parsePositive, parseTime, parseWhole } from './arguments.ts'

interface Options {
  readonly traces: string[]
  readonly metrics: string[]
  readonly logs: string[]
  readonly at: number
  readonly window: number
  readonly historyEnd?: number
  readonly top: number
  readonly seed: number
  readonly without?: EvidenceKind[]
  readonly explain?: boolean
}

/** `adf rca`: ranks the causes of what went wrong at a time, from files alone. */
export function register(program: Command): void {
  program
    .command('rca')
    .description('rank the root causes of what went wrong at a time, from telemetry files')
    .option('--traces <file...>', 'OTLP JSON lines, Jaeger JSON lines or CSV of spans; gzipped or not', [])
    .option('--metrics <file...>', 'OTLP JSON lines, or CSV with a row per pod and minute', [])
    .option('--logs <file...>', 'OTLP JSON lines, or CSV with a row per record', [])
    .requiredOption(
      '--at <time>',
      'end of the judged window (RFC 3339); nothing later is looked at',
      parseTime,
    )
    .addOption(
      new Option('--window <duration>', 'how far the judged window reaches back')
        .argParser(parseDuration)
        .default(180_000, '3m'),
    )
    .option('--history-end <time>', 'end of what counts as normal (default: start of the window)', parseTime)
    .option('--top <n>', 'causes named', parsePositive, 5)
    .option('--seed <n>', 'seed of the random comparator', parseWhole, 1)
    .addOption(
      new Option('--without <kind...>', 'kinds of evidence that shall not count').choices(
        EvidenceKind.options,
      ),
    )
    .option('--explain', 'print the reasoning, step by step')
    .action(async (options: Options, command: Command) => {
      const { ranking, reasoning } = await rank(options)
      const explained = options.explain === true ? `${reasoningText(reasoning)}\n\n` : ''
      writeAnswer(globalOptions(command).json, ranking, () => `${explained}${text(ranking)}`)
    })
}

async function rank({ traces, metrics, logs, at, window, historyEnd, top, seed, without }: Options) {
  if (traces.length + metrics.length + logs.length === 0)
    throw new UsageError('nothing to rank by: give files with --traces, --metrics or --logs')
  const fromMs = at - window
  const historyEndMs = historyEnd ?? fromMs
  if (historyEndMs > fromMs)
    throw new UsageError('--history-end lies within the window: history would hold what is judged')
  const telemetry = new FileTelemetry()
  const found = { judged: 0, earlier: 0 }
  const looked = (timeMs: number) => {
    if (timeMs >= fromMs && timeMs <= at) found.judged++
    else if (timeMs < historyEndMs) found.earlier++
    else return false
    return true
  }
  for (const file of traces)
    for await (const spans of traceFile(file))
      telemetry.addSpans(spans.filter(({ startMs, durationMs }) => looked(startMs + durationMs)))
  for (const file of metrics)
    telemetry.addSamples((await metricSamples(file)).filter(({ timeMs }) => looked(timeMs)))
  for (const file of logs)
    for await (const records of logFile(file))
      telemetry.addLogs(records.filter(({ timeMs }) => looked(timeMs)))
  const span = `from ${new Date(fromMs).toISOString()} to ${new Date(at).toISOString()}`
  if (found.judged === 0)
    throw new UsageError(`nothing in the window ${span}; check --at, --window and the files`)
  if (found.earlier === 0)
    throw new UsageError(`nothing before the window ${span}: nothing tells what is normal`)
  const generator = xoroshiro128plus(seed)
  return telemetry.explain({
    atMs: at,
    windowMs: window,
    historyEndMs,
    top: Math.ceil(top),
    rng: () => uniformFloat64(generator),
    without: new Set(without),
  })
}

function text({ at, causes, none, comparators }: Ranking): string {
  const ranked = causes.flatMap(({ service, probability, kind, evidence }, i) => [
    `${i + 1}. ${styled('bold', service)}  ${(100 * probability).toFixed(0)} %, ${kind}`,
    ...evidence.map((one) => `     ${one.text}`),
  ])
  return [
    `Causes of what went wrong at ${at}`,
    '',
    ...(ranked.length > 0
      ? [...ranked, `   none of these  ${(100 * none).toFixed(0)} %`]
      : ['Nothing is out of the ordinary: no cause is named.']),
    '',
    `For comparison: random ${comparators.random.join(', ')}`,
    `                largest z-score ${comparators.max_z.join(', ')}`,
    `                plain PageRank ${comparators.pagerank.join(', ')}`,
  ].join('\n')
}

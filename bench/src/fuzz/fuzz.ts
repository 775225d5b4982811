import type { Benchmark, BenchOptions, Row } from '../suite.ts'
import { fuzzApi } from './api/api.ts'
import { fuzzDecoders } from './decoders/decoders.ts'
import { fuzzOtlp } from './otlp/otlp.ts'
import type { Watched } from './watched.ts'

const MESSAGES = 10_000_000
const OVER_SOCKETS = 200_000
const REQUESTS = 1_000_000
const SEED = 1
/** One in so many with --quick. */
const QUICK = 2000

/** BENCH_FUZZ: so many instead of all. */
function countOf(all: number, { quick }: BenchOptions): number {
  const asked = Number(process.env['BENCH_FUZZ'])
  if (Number.isInteger(asked) && asked > 0) return asked
  return quick ? Math.max(200, all / QUICK) : all
}

/** Messages that no sender should make, at the decoders of OTLP and what is behind them, without sockets. */
export const decoders: Benchmark = {
  suite: 'fuzz',
  name: 'decoders',
  describe: 'mutated OTLP messages at decoders, features, graph, logs and scoring: crashes, slowest, memory',
  run: async (options) => {
    const result = await fuzzDecoders(countOf(MESSAGES, options), SEED)
    for (const trace of result.traces) options.progress(trace)
    return rowsOf('decoders', {
      messages: result.messages,
      crashes: result.crashes,
      longest_ms: result.longestMs,
      ...Object.fromEntries(
        result.memory.flatMap(({ heldMb, rssMb }, i) => [
          [`held_mb_${i + 1}`, heldMb],
          [`rss_mb_${i + 1}`, rssMb],
        ]),
      ),
      cpu_s: result.cpuSeconds,
      ...result.outcomes,
    })
  },
}

export const otlp: Benchmark = {
  suite: 'fuzz',
  name: 'otlp',
  describe: 'the same over gRPC and HTTP at adf up: crashes, failures inside, longest answer, memory',
  run: async (options) =>
    rowsOfWatched('otlp', await fuzzOtlp(countOf(OVER_SOCKETS, options), SEED, options.progress)),
}

export const api: Benchmark = {
  suite: 'fuzz',
  name: 'api',
  describe:
    'mutated requests at the API of processor and webhook: crashes, failures inside, longest answer, memory',
  run: async (options) =>
    rowsOfWatched('api', await fuzzApi(countOf(REQUESTS, options), SEED, options.progress)),
}

const rowsOfWatched = (
  name: string,
  { requests, crashes, failures, longestMs, longestCpuMs, rssMb, answers }: Watched,
) =>
  rowsOf(name, {
    requests,
    crashes,
    failures,
    longest_ms: longestMs,
    longest_cpu_ms: longestCpuMs,
    ...Object.fromEntries(rssMb.map((value, i) => [`rss_mb_${i + 1}`, value])),
    ...Object.fromEntries(Object.entries(answers).map(([status, count]) => [`answer_${status}`, count])),
  })

const rowsOf = (name: string, measures: Readonly<Record<string, number>>): Row[] =>
  Object.entries(measures).map(([measure, value]) => ({
    suite: 'fuzz',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))

import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import type { Withstood } from './besieged.ts'
import { fuzzFrames } from './frames/frames.ts'
import { fuzzRequests } from './requests/requests.ts'
import { fuzzSecure } from './secure/secure.ts'

const FRAMES = 1_000_000
const REQUESTS = 100_000
const SECURE = 20_000
/** One in so many with --quick. */
const QUICK = 500
const SEED = 1

/** Bytes and requests that no client should send: nothing ends, nothing grows, and no weight is anything but a number. */
export const fuzz: Benchmark = {
  suite: 'federation',
  name: 'fuzz',
  describe:
    'mutated frames at the decoder, mutated requests and messages of secure aggregation at the door: crashes, non-finite weights, memory, answers',
  run: async ({ quick, progress }: BenchOptions) => {
    const share = quick ? QUICK : 1
    const frames = await fuzzFrames(FRAMES / share, SEED)
    progress(`${frames.frames} frames: ${frames.crashes} crashes, ${frames.notFinite} not finite`)
    const requests = await fuzzRequests(REQUESTS / share, SEED, progress)
    progress(`${requests.requests} requests: ${requests.crashes} crashes, ${requests.notFinite} not finite`)
    const secure = await fuzzSecure(SECURE / share, SEED, progress)
    progress(`${secure.requests} in secure rounds: ${secure.crashes} crashes, ${secure.notFinite} not finite`)
    return [
      ...rowsOf('fuzz/frames', {
        frames: frames.frames,
        crashes: frames.crashes,
        not_finite: frames.notFinite,
        longest_ms: frames.longestMs,
        rss_before_mb: frames.beforeMb,
        rss_after_mb: frames.afterMb,
        ...frames.outcomes,
      }),
      ...rowsOf('fuzz/requests', withstood(requests)),
      ...rowsOf('fuzz/secure', {
        ...withstood(secure),
        ...prefixed('abandoned', secure.abandoned),
        ...prefixed('honest', secure.honest),
        ...prefixed('lie', secure.told),
      }),
    ]
  },
}

const withstood = (result: Withstood): Record<string, number> => ({
  requests: result.requests,
  crashes: result.crashes,
  not_finite: result.notFinite,
  rounds: result.rounds,
  audit_ok: result.auditOk,
  rss_before_mb: result.beforeMb,
  rss_after_mb: result.afterMb,
  cpu_s: result.cpuSeconds,
  ...prefixed('answer', result.answers),
})

const prefixed = (prefix: string, counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}_${name}`, count]))

const rowsOf = (name: string, measures: Readonly<Record<string, number>>): Row[] =>
  Object.entries(measures).map(([measure, value]) => ({
    suite: 'federation',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))

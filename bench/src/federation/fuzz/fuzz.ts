import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { fuzzFrames } from './frames/frames.ts'
import { fuzzRequests } from './requests.ts'

const FRAMES = 1_000_000
const REQUESTS = 100_000
/** Of these with --quick. */
const QUICK = 50
const SEED = 1

/** Bytes and requests that no client should send: nothing ends, nothing grows, and no weight is anything but a number. */
export const fuzz: Benchmark = {
  suite: 'federation',
  name: 'fuzz',
  describe:
    'mutated frames at the decoder and mutated requests at the door: crashes, non-finite weights, memory, answers',
  run: async ({ quick, progress }: BenchOptions) => {
    const share = quick ? QUICK : 1
    const frames = await fuzzFrames(FRAMES / share, SEED)
    progress(`${frames.frames} frames: ${frames.crashes} crashes, ${frames.notFinite} not finite`)
    const requests = await fuzzRequests(REQUESTS / share, SEED, progress)
    progress(`${requests.requests} requests: ${requests.crashes} crashes, ${requests.notFinite} not finite`)
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
      ...rowsOf('fuzz/requests', {
        requests: requests.requests,
        crashes: requests.crashes,
        not_finite: requests.notFinite,
        rounds: requests.rounds,
        audit_ok: requests.auditOk,
        rss_before_mb: requests.beforeMb,
        rss_after_mb: requests.afterMb,
        cpu_s: requests.cpuSeconds,
        ...Object.fromEntries(
          Object.entries(requests.answers).map(([status, count]) => [`answer_${status}`, count]),
        ),
      }),
    ]
  },
}

const rowsOf = (name: string, measures: Readonly<Record<string, number>>): Row[] =>
  Object.entries(measures).map(([measure, value]) => ({
    suite: 'federation',
    case: name,
    subject: 'adf',
    measure,
    value,
  }))

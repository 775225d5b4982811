import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Benchmark, Missing, type Row } from '../../suite.ts'
import { asFastAsItGoes, atRate, quantile } from './load.ts'

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url))
const Started = z.object({ url: z.string() })
const Usage = z.object({ cpu: z.number(), rss: z.number() })
const PER_MINUTE = 10_000
const WIDTH = 64

/** Notifications into one webhook that has one core, with commits synced: latency of the 200 at 10,000 a minute, and what it takes at most. */
export const webhook: Benchmark = {
  suite: 'speed',
  name: 'webhook',
  describe:
    'notifications of Alertmanager into one webhook on one core: latency at 10,000 a minute, and most',
  run: async ({ quick, progress }) => {
    const folder = mkdtempSync(join(tmpdir(), 'adf-bench-webhook-'))
    const child = fork(SERVER, [folder])
    try {
      const { url } = Started.parse((await once(child, 'message'))[0])
      const pinned = spawnSync('taskset', ['-a', '-p', '-c', firstCore(), String(child.pid)])
      if (pinned.status !== 0)
        throw new Missing('taskset is needed, to keep the webhook on one core: install util-linux')
      await atRate(url, 50, 2, 0)
      const before = await usageOf(child)
      const paced = await atRate(url, PER_MINUTE / 60, quick ? 2 : 120, 1000)
      const after = await usageOf(child)
      const p99 = quantile(paced.latencies, 0.99)
      progress(`${PER_MINUTE} a minute: p99 ${p99.toFixed(1)} ms`)
      const fast = await asFastAsItGoes(url, WIDTH, quick ? 1 : 30, 100_000)
      const most = fast.latencies.length / fast.seconds
      progress(`at most ${Math.round(60 * most)} a minute`)
      const row = (measure: string, value: number, setting = 'webhook'): Row => ({
        suite: 'speed',
        case: setting,
        subject: 'adf',
        measure,
        value,
      })
      return [
        row('p50_ms', quantile(paced.latencies, 0.5)),
        row('p99_ms', p99),
        row('max_ms', paced.latencies.at(-1) ?? Number.NaN),
        row('refused', paced.refused),
        row('core_share', (after.cpu - before.cpu) / paced.seconds),
        row('rss_mb', after.rss / 1e6),
        row('notifications_per_min', 60 * most, 'webhook-most'),
        row('p99_ms', quantile(fast.latencies, 0.99), 'webhook-most'),
        row('refused', fast.refused, 'webhook-most'),
      ]
    } finally {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
      rmSync(folder, { recursive: true })
    }
  },
}

/** Of the cores that this process may use: a container has not all of them. */
function firstCore(): string {
  const allowed = spawnSync('taskset', ['-p', '-c', String(process.pid)], { encoding: 'utf8' }).stdout ?? ''
  return /: (\d+)/.exec(allowed)?.[1] ?? '0'
}

async function usageOf(child: ChildProcess): Promise<z.infer<typeof Usage>> {
  const answer = once(child, 'message')
  child.send('usage')
  return Usage.parse((await answer)[0])
}

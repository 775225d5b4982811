import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

/** Alerts of a notification: of a group that a person would still read. */
const ALERTS = 5
/** One in so many tells of something new; the rest are repeats and other replicas. */
const NEW_IN = 2

/** Notifications as an Alertmanager posts them: groups of five alerts with ten labels, every second one news. */
function notification(n: number): string {
  const group = Math.floor(n / NEW_IN)
  const startsAt = new Date(1_760_000_000_000 + group * 1000).toISOString()
  const alerts = Array.from({ length: ALERTS }, (_, i) => {
    const labels: Record<string, string> = { alertname: `Rule${group % 50}`, instance: `host-${i}:9100` }
    for (const name of ['job', 'severity', 'cluster', 'namespace', 'pod', 'container', 'team', 'region'])
      labels[name] = `${name}-${group % 20}`
    return {
      status: 'firing',
      labels,
      annotations: {
        summary: `Something is high on host-${i}`,
        runbook_url: 'https://runbooks.example.com/high',
      },
      startsAt,
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
      fingerprint: (((group % 20_000) + 1) * 16 + i).toString(16).padStart(16, '0'),
    }
  })
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{alertname="Rule${group % 50}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'adf',
    groupLabels: { alertname: `Rule${group % 50}` },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts,
  })
}

export interface Measured {
  /** Milliseconds until the 200, ascending. */
  readonly latencies: Float64Array
  readonly refused: number
  readonly seconds: number
}

/** Posts at a rate whatever the answers take: a latency counts from the time when the notification was due. */
export async function atRate(
  url: string,
  perSecond: number,
  seconds: number,
  from: number,
): Promise<Measured> {
  const pool = new Pool(url, { connections: 16 })
  const count = Math.round(perSecond * seconds)
  const [latencies, tally] = [new Float64Array(count), { refused: 0 }]
  const begin = performance.now()
  const sent: Promise<void>[] = []
  for (let n = 0; n < count; n++) {
    const dueMs = begin + (1000 * n) / perSecond
    const wait = dueMs - performance.now()
    if (wait > 1) await sleep(wait)
    sent.push(
      post(pool, from + n).then((status) => {
        if (status !== 200) tally.refused++
        latencies[n] = performance.now() - dueMs
      }),
    )
  }
  await Promise.all(sent)
  await pool.close()
  return { latencies: latencies.sort(), refused: tally.refused, seconds: (performance.now() - begin) / 1000 }
}

/** Posts as fast as answers come, `width` at a time. */
export async function asFastAsItGoes(
  url: string,
  width: number,
  seconds: number,
  from: number,
): Promise<Measured> {
  const pool = new Pool(url, { connections: width })
  const latencies: number[] = []
  const begin = performance.now()
  let [next, refused] = [from, 0]
  const work = async () => {
    while (performance.now() - begin < 1000 * seconds) {
      const before = performance.now()
      if ((await post(pool, next++)) === 200) latencies.push(performance.now() - before)
      else refused++
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  await pool.close()
  return {
    latencies: Float64Array.from(latencies).sort(),
    refused,
    seconds: (performance.now() - begin) / 1000,
  }
}

async function post(pool: Pool, n: number): Promise<number> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/webhook/alertmanager',
    headers: { 'content-type': 'application/json' },
    body: notification(n),
  })
  await body.dump()
  return statusCode
}

export const quantile = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN

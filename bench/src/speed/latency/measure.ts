import { setTimeout as sleep } from 'node:timers/promises'
import type { Status } from '@adf/contract'
import { startAdf } from '../../../../test/harness/adf.ts'
import { startAlertmanager } from '../../../../test/harness/alertmanager.ts'
import { sumOf } from '../../../../test/harness/exposition.ts'
import { FEDERATED } from '../../../../test/harness/federation-sites.ts'
import { until } from '../../../../test/harness/process.ts'
import { cpuSeconds, rssMb } from '../ingest/process-usage.ts'
import { stream } from '../scoring/entities.ts'
import { keepCompany } from './company.ts'
import { bucketsIn, countOf, quantileBound, since } from './histogram.ts'
import { Load } from './load.ts'
import { onsetsUntil } from './onset.ts'
import type { LatencySetting } from './setting.ts'

const LATENCY = 'adf_detection_latency_seconds'
/** For the first fits, which one thread makes one after the other. */
const [LEAST_PATIENCE_MS, FIT_MS] = [600_000, 200]

/** `adf up` with its defaults, and so many entities at 1 Hz. */
export async function measureLatency(setting: LatencySetting): Promise<Record<string, number>> {
  const { entities, seconds, warmUp, openAfter } = setting
  await using stack = new AsyncDisposableStack()
  const alertmanager =
    openAfter === undefined ? undefined : stack.adopt(await startAlertmanager(), (each) => each.stop())
  const config = {
    log: { level: 'warn' },
    edge: { max_entities: 2 * entities + 100, detection: { warm_up: warmUp, settle: 0 } },
    graph: { snapshot_interval: '10s' },
    streams: { [stream.name]: { entity: 'entity', features: featuresOf() } },
    ...(openAfter !== undefined && { incident: { open_after: openAfter } }),
    ...(alertmanager && { deliver: { alertmanager: { urls: [alertmanager.url] } } }),
  }
  const adf = stack.adopt(await startAdf(config, { federated: FEDERATED }), (each) => each.stop())
  const pid = adf.process.child.pid ?? 0
  const emptyMb = rssMb(pid)
  const load = stack.adopt(new Load(adf.api, setting), (each) => each.stop())
  await load.warm(warmUp + 1)
  const ready = async () => (await adf.json<Status>('/api/status')).entities.scored
  const patienceMs = LEAST_PATIENCE_MS + FIT_MS * entities
  await until(`${entities} entities are ready`, async () => (await ready()) >= entities, patienceMs)
  const company = stack.adopt(keepCompany(adf), (each) => each.stop())
  await load.pace()
  await sleep(1000 * Math.min(5, seconds))
  const scrape = async () => await (await adf.get('/metrics')).text()
  const [before, cpu, begunMs] = [await scrape(), cpuSeconds(pid), Date.now()]
  const deadline = begunMs + 1000 * seconds
  const onsets =
    alertmanager === undefined ? [] : await onsetsUntil(deadline, { load, adf, alertmanager }, setting)
  await sleep(Math.max(0, deadline - Date.now()))
  const [after, used, tookS] = [await scrape(), cpuSeconds(pid) - cpu, (Date.now() - begunMs) / 1000]
  const { late, refused } = await load.usual()
  const heldMb = rssMb(pid)
  await company.stop()
  const latencies = since(bucketsIn(before, LATENCY), bucketsIn(after, LATENCY))
  if (countOf(latencies) === 0) throw new Error('nothing was anomalous, so there is no latency')
  const sorted = onsets.toSorted((a, b) => a - b)
  return {
    p50_ms: 1000 * quantileBound(latencies, 0.5),
    p99_ms: 1000 * quantileBound(latencies, 0.99),
    anomalies: countOf(latencies),
    ...(sorted.length > 0 && {
      onset_to_alert_p50_s: (sorted[sorted.length >> 1] ?? Number.NaN) / 1000,
      onset_to_alert_p95_s: (sorted[Math.floor(0.95 * sorted.length)] ?? Number.NaN) / 1000,
      onsets: sorted.length,
    }),
    stalls: sumOf(after, 'adf_event_loop_stalls_total') - sumOf(before, 'adf_event_loop_stalls_total'),
    longest_stall_ms: 1000 * sumOf(after, 'nodejs_eventloop_lag_max_seconds'),
    core_pct: (100 * used) / tookS,
    cpu_us_per_vector: (1e6 * used) / tookS / entities,
    rss_mb: heldMb,
    rss_kb_per_entity: (1000 * (heldMb - emptyMb)) / entities,
    generator_late: late,
    generator_refused: refused,
  }
}

const featuresOf = () =>
  Object.fromEntries(stream.features.map(({ name, unit, direction }) => [name, { unit, direction }]))

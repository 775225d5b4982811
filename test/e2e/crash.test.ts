import type { EntityPage, Incident } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { collectorNeeds, hasCollector } from '../harness/collector.ts'
import {
  BUILD_MS,
  builtCollector,
  type CollectorPipeline,
  startCollectorPipeline,
} from '../harness/collector-pipeline.ts'
import { until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { SERVICES } from '../harness/shop.ts'
import { startTraffic, type Traffic } from '../harness/traffic.ts'
import { allScored, breakPayment, QUICK } from '../harness/warm-shop.ts'

/** Patient with an endpoint that is away, and quick to try again, so that the test is quick too. */
const EXPORTER = {
  sending_queue: { enabled: true, queue_size: 10_000, num_consumers: 4, block_on_overflow: true },
  retry_on_failure: {
    enabled: true,
    initial_interval: '100ms',
    max_interval: '500ms',
    max_elapsed_time: '0s',
  },
}

describeWith(hasCollector() ? undefined : collectorNeeds, 'SIGKILL under load, behind a collector', () => {
  let adf: RunningAdf
  let pipeline: CollectorPipeline
  let traffic: Traffic

  beforeAll(builtCollector, BUILD_MS)
  beforeAll(async () => {
    // Learned state is saved often, and the incident outlasts the outage.
    adf = await startAdf({
      ...QUICK,
      store: { state_interval: '1s' },
      incident: { resolve_after: '1m' },
    })
    pipeline = await startCollectorPipeline({ protocol: 'otlp_grpc', target: adf, exporter: EXPORTER })
    traffic = startTraffic(pipeline.url)
    await allScored(adf)
  })
  afterAll(async () => {
    await traffic?.stop().catch(() => {})
    await pipeline?.stop()
    await adf?.stop()
  })

  test('the queue drains, nothing is rejected, and incidents and what was learned are there', async () => {
    const before = await breakPayment(adf, traffic)
    expect(before.causes[0]?.service).toBe('payment')
    // Catalog learns on: two saves later what it knows by now is on the disk.
    const known = await learned(adf)
    await until(
      'later saves',
      async () => ((await learned(adf))['catalog'] ?? 0) > (known['catalog'] ?? 0) + 25,
    )

    await adf.kill('SIGKILL')
    const atDeath = traffic.sent.spans
    await until('a queue at the collector', async () => {
      const waiting = await pipeline.metric('otelcol_exporter_queue_size')
      return waiting > 0 && traffic.sent.spans > atDeath + 800
    })
    expect(await pipeline.metric('otelcol_exporter_sent_spans')).toBeLessThan(traffic.sent.spans)

    adf = await adf.restart()
    const after = await adf.json<Incident>(`/api/incidents/${before.id}`)
    expect(after).toMatchObject({ id: before.id, state: 'open', started_at: before.started_at })
    expect(after.causes[0]?.service).toBe('payment')

    await allScored(adf)
    // Not one vector was spent on a new warm-up.
    expect(await adf.metric('adf_vectors_skipped_total', { reason: 'warming_up' })).toBe(0)
    expect(await adf.metric('adf_detector_states_refused_total')).toBe(0)
    const now = await learned(adf)
    for (const service of SERVICES) expect(now[service]).toBeGreaterThanOrEqual(known[service] ?? Number.NaN)
    await until('new anomalies in the old incident', async () => {
      const { anomaly_count } = await adf.json<Incident>(`/api/incidents/${before.id}`)
      return anomaly_count > after.anomaly_count
    })

    await traffic.stop()
    for (const [signal, sent] of [
      ['spans', traffic.sent.spans],
      ['log_records', traffic.sent.logs],
    ] as const) {
      await until(
        `all ${signal} sent`,
        async () => (await pipeline.metric(`otelcol_exporter_sent_${signal}`)) === sent,
      )
      expect(await pipeline.metric(`otelcol_exporter_send_failed_${signal}`)).toBe(0)
      expect(await pipeline.metric(`otelcol_exporter_enqueue_failed_${signal}`)).toBe(0)
    }
    expect(await pipeline.metric('otelcol_exporter_queue_size')).toBe(0)
    const accepted = await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })
    expect(accepted).toBeGreaterThanOrEqual(traffic.sent.spans - atDeath)
    expect(await adf.metric('adf_receiver_spans_total')).toBe(accepted)
  })
})

/** Vectors that were learned, by service. */
async function learned(adf: RunningAdf): Promise<Record<string, number>> {
  const { items } = await adf.json<EntityPage>('/api/entities?stream=service')
  return Object.fromEntries(
    items.map((one) => [one.entity.id, one.streams.find((each) => each.stream === 'service')?.learned ?? 0]),
  )
}

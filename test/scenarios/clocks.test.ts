import type { EntityPage, Graph } from '@adf/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'
import { hex, metricsOf, nano, postJson, tracesOf } from './requests.ts'
import { quick, Steady } from './steady.ts'

const HOUR = 3_600_000
let adf: RunningAdf
let steady: Steady
beforeAll(async () => {
  adf = await startAdf(quick)
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

let trace = 0
/** A call from `front` to `back`, whose clocks are off by so much. */
async function callBetween(front: [string, number], back: [string, number]): Promise<void> {
  const traceId = hex(++trace, 32)
  const now = Date.now()
  const times = (offMs: number) => ({
    startTimeUnixNano: nano(now + offMs - 20),
    endTimeUnixNano: nano(now + offMs),
  })
  const client = { traceId, spanId: hex(1, 16), name: 'call', kind: 3, ...times(front[1]) }
  const server = {
    traceId,
    spanId: hex(2, 16),
    parentSpanId: hex(1, 16),
    name: 'serve',
    kind: 2,
    ...times(back[1]),
  }
  expect((await postJson(adf.httpPort, 'traces', tracesOf(front[0], client))).status).toBe(200)
  expect((await postJson(adf.httpPort, 'traces', tracesOf(back[0], server))).status).toBe(200)
}

const featureOf = async (query: string, stream: string, feature: string) => {
  const { items } = await adf.json<EntityPage>(`/api/entities?${query}`)
  const found = items.flatMap(({ streams }) => streams).find((one) => one.stream === stream)
  return found?.features.find(({ name }) => name === feature)?.value
}

describe('clocks hours off', () => {
  test('are counted, give exact edges all the same, and move nobody else', async () => {
    const skew = (direction: string) =>
      adf.metric('adf_receiver_clock_skew_total', { signal: 'traces', direction })
    for (let call = 0; call < 20; call++) await callBetween(['ahead', 3 * HOUR], ['behind', -3 * HOUR])
    expect(await skew('future')).toBe(20)
    expect(await skew('past')).toBe(20)
    const { edges } = await adf.json<Graph>('/api/graph')
    const edge = edges.find(({ client, server }) => client === 'ahead' && server === 'behind')
    expect(edge).toMatchObject({ calls: 20, failures: 0 })
    // Each clock measures a duration rightly, however wrong it is.
    expect(edge?.gap_ms).toBeCloseTo(0, 3)
    for (const latency of [edge?.client_latency, edge?.server_latency]) {
      expect(Math.abs((latency?.p50 ?? 0) - 20)).toBeLessThanOrEqual(2)
    }
    await steady.expectUndisturbed()
  })

  test('servers ahead and behind are left out of the windows with a reason', async () => {
    const late = (reason: string) => adf.metric('adf_feature_late_total', { signal: 'spans', reason })
    const [future, past] = [await late('future'), await late('late')]
    for (let call = 0; call < 10; call++) {
      await callBetween(['behind', -3 * HOUR], ['served-ahead', 3 * HOUR])
      await callBetween(['ahead', 3 * HOUR], ['served-behind', -3 * HOUR])
    }
    expect(await late('future')).toBe(future + 10)
    expect(await late('late')).toBeGreaterThan(past)
    for (const [service, direction] of [
      ['served-ahead', 'ahead'],
      ['served-behind', 'behind'],
    ] as const) {
      await until(`${service} is told to set its clock`, async () => {
        const { items } = await adf.json<EntityPage>(`/api/entities?service=${service}`)
        const rate = items[0]?.streams[0]?.features.find(({ name }) => name === 'request_rate')
        expect(rate).toMatchObject({ value: null, missing: expect.stringMatching(/set its clock/i) })
        expect(rate?.missing).toContain(direction)
        return true
      })
    }
    await steady.expectUndisturbed()
  })

  test('times at the ends of what 64 bits can say', async () => {
    for (const [start, end] of [
      ['1', '2'],
      ['1', '18446744073709551615'],
      ['18446744073709551614', '18446744073709551615'],
    ]) {
      const span = {
        traceId: hex(++trace, 32),
        spanId: hex(1, 16),
        name: 'x',
        kind: 2,
        startTimeUnixNano: start,
        endTimeUnixNano: end,
      }
      expect((await postJson(adf.httpPort, 'traces', tracesOf('ends', span))).status).toBe(200)
    }
    expect((await adf.get('/api/graph')).status).toBe(200)
    expect((await adf.get('/api/root-causes')).status).toBe(200)
    await steady.expectUndisturbed()
  })
})

describe('cumulative counters', () => {
  const SECOND = 1000
  const began = Date.now() - 600 * SECOND
  /** Collection `n`, ten seconds apart in event time: `total` bytes since `startMs`. */
  const io = (n: number, total: number, startMs = began) =>
    metricsOf(
      { 'host.name': 'counting' },
      {
        name: 'system.network.io',
        unit: 'By',
        sum: {
          aggregationTemporality: 2,
          isMonotonic: true,
          dataPoints: [
            {
              startTimeUnixNano: nano(startMs),
              timeUnixNano: nano(began + n * 10 * SECOND),
              asInt: String(total),
              attributes: [
                { key: 'device', value: { stringValue: 'eth0' } },
                { key: 'direction', value: { stringValue: 'transmit' } },
              ],
            },
          ],
        },
      },
    )
  const collect = async (n: number, total: number, startMs?: number) => {
    expect((await postJson(adf.httpPort, 'metrics', io(n, total, startMs))).status).toBe(200)
  }
  const mbps = () => featureOf('stream=host', 'host', 'network_throughput_mbps')
  const seen = async (what: string, value: number) =>
    until(what, async () => {
      expect(await mbps()).toBeCloseTo(value, 6)
      return true
    })

  test('that reset, repeat and come out of order give no negative and no giant rate', async () => {
    const step = 12_500_000
    await collect(1, 1e12)
    await collect(2, 1e12 + step)
    await seen('ten megabits a second', 10)
    const resets = await adf.metric('adf_feature_resets_total')
    // A process that began again counts from its own start.
    await collect(4, step, began + 30 * SECOND)
    await seen('ten megabits a second since the reset', 10)
    expect(await adf.metric('adf_feature_resets_total')).toBe(resets + 1)
    const ignored = await adf.metric('adf_feature_points_ignored_total')
    await collect(4, step, began + 30 * SECOND)
    await collect(3, 5, began + 25 * SECOND)
    expect(await adf.metric('adf_feature_points_ignored_total')).toBe(ignored + 2)
    await collect(5, 2 * step, began + 30 * SECOND)
    await collect(6, 4 * step, began + 30 * SECOND)
    await seen('twenty megabits a second', 20)
    const text = await (await adf.get('/metrics')).text()
    expect(text).not.toMatch(/^adf_\S+ (-|NaN|.*Inf)/m)
  })
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  expect(adf.process.output()).toBe('')
})

import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import type { Scored } from './scored.ts'
import { MemoryStates, makeEngine } from './testing/engine.ts'
import { SimulatedService } from './testing/simulated-service.ts'
import { MemoryThresholds } from './testing/thresholds.ts'

const quiet = { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0.01 }
const ID = 'shop/cart'

type Options = Parameters<typeof makeEngine>[0]
/** What an entity with this threshold is scored through normal operation, slow requests, and errors over the limit. */
function course(
  threshold: number | undefined,
  options: Options = {},
  ports: Parameters<typeof makeEngine>[1] = {},
) {
  const thresholds = new MemoryThresholds()
  if (threshold !== undefined) thresholds.set('service', ID, threshold)
  const made = makeEngine({ rerank: undefined, ...options }, { thresholds, ...ports })
  const run = async () => {
    await made.engine.start()
    const service = new SimulatedService(ID, quiet, seeded(3))
    const scored: Scored[] = []
    const { stream, entity } = service.next()
    await made.engine.restore(stream, entity)
    for (let i = 0; i < 1400; i++) {
      if (i === 600) service.traffic = { ...quiet, medianMs: 90 }
      if (i === 700) service.traffic = quiet
      if (i === 900) service.traffic = { ...quiet, medianMs: 5000 }
      if (i === 940) service.traffic = quiet
      if (i === 1200) service.traffic = { ...quiet, errorShare: 0.9 }
      const one = made.engine.score(service.next())
      if (one !== undefined) scored.push(one)
    }
    return scored
  }
  return { ...made, run }
}
const limited = ({ seenBy }: Scored) => seenBy.includes('rules')

describe('the severity', () => {
  it.each([undefined, 0, 0.3, 0.8, 0.95, 1])(
    'up to a threshold of 1 (%j) is what the score is, and decides alike',
    async (threshold) => {
      const scored = await course(threshold).run()
      expect(scored.length).toBeGreaterThan(1000)
      for (const one of scored) {
        expect(one.score).toBe(Math.min(1, one.severity))
        expect(one.anomalous).toBe(one.score >= one.threshold)
        expect(one.anomalous).toBe(one.severity >= one.threshold)
      }
      expect(scored.some(({ severity }) => severity > 1)).toBe(true)
    },
  )

  it('beyond 1 is compared with a threshold beyond 1; the score of an anomaly is 1 then', async () => {
    const plain = await course(1).run()
    const scored = await course(1.6).run()
    const anomalous = scored.filter((one) => one.anomalous)
    expect(anomalous.length).toBeGreaterThan(20)
    expect(anomalous.length).toBeLessThan(plain.filter((one) => one.anomalous).length)
    for (const one of scored) expect(one.anomalous).toBe(one.severity >= 1.6)
    for (const { score, seenBy, contributions } of anomalous) {
      expect(score).toBe(1)
      expect(seenBy.length).toBeGreaterThan(0)
      expect(contributions.length).toBeGreaterThan(0)
    }
  })

  it('of a violated limit is 2 at least: the largest threshold there is does not silence it', async () => {
    const over = (await course(2).run()).filter(limited)
    expect(over.length).toBeGreaterThan(100)
    for (const one of over) expect(one).toMatchObject({ anomalous: true, detector: 'rules', score: 1 })
    expect(Math.min(...over.map(({ severity }) => severity))).toBeGreaterThanOrEqual(2)
    // The same ones as with any other threshold.
    const before = (await course(0.8).run()).filter(limited).map(({ vector }) => vector.timeMs)
    expect(over.map(({ vector }) => vector.timeMs)).toEqual(before)
  })

  it('does not depend on a threshold beyond 1: it changes nothing of what is learned', async () => {
    const options = { detectors: ['robust', 'ensemble', 'rules'] } as const
    const severities = async (threshold: number) =>
      (await course(threshold, options).run()).map(({ severity }) => severity)
    expect(await severities(1.9)).toEqual(await severities(1))
  })

  it('is a finite number, whatever the values are', async () => {
    const { engine, run } = course(0.8)
    await run()
    const service = new SimulatedService(ID, quiet, seeded(4))
    const vector = service.next()
    vector.values.fill(Number.MAX_VALUE)
    const scored = engine.assess(vector)
    expect(scored?.anomalous).toBe(true)
    expect(Number.isFinite(scored?.severity)).toBe(true)
  })

  it('is not pulled below a threshold beyond 1 by the classifier', async () => {
    const { engine, run } = course(1.2, { rerank: 'random-forest' })
    const scored = await run()
    const [some] = scored.filter((one) => one.anomalous && !limited(one))
    expect(some).toBeDefined()
    expect(scored.filter((one) => one.anomalous).every(({ score }) => score === 1)).toBe(true)
    await engine.stop()
  })

  it('has a metric with the labels of the threshold, also after a restart', async () => {
    const states = new MemoryStates()
    const first = course(1.2, {}, { states })
    const scored = await first.run()
    await first.engine.stop()
    const last = scored.at(-1)
    expect(last?.severity).toBeGreaterThan(1)
    const labels = `{stream="service",entity="${ID}"}`
    const { engine, registry, warnings } = course(1.2, {}, { states })
    await engine.start()
    const next = new SimulatedService(ID, quiet, seeded(3)).next()
    expect([await engine.restore(next.stream, next.entity), warnings]).toEqual([true, []])
    for (const metrics of [await first.registry.metrics(), await registry.metrics()]) {
      expect(metrics).toContain(`adf_anomaly_score${labels} 1\n`)
      expect(metrics).toContain(`adf_anomaly_severity${labels} ${last?.severity}\n`)
    }
    await engine.stop()
  })
})

import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { sampleAnomaly } from '../store/sample.test-data.ts'
import { makeEngine } from './testing/engine.ts'
import { SimulatedService } from './testing/simulated-service.ts'

const traffic = { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0 }

describe('metrics of scoring', () => {
  it('have a score and a threshold with identical labels, from the first score on', async () => {
    const { engine, registry } = makeEngine()
    const service = new SimulatedService('shop/cart', traffic, seeded(1))
    for (let i = 0; i < 200; i++) engine.score(service.next())
    expect(await registry.metrics()).not.toContain('shop/cart')
    const scored = engine.score(service.next())
    const labels = '{stream="service",entity="shop/cart"}'
    const metrics = await registry.metrics()
    expect(metrics).toContain(`adf_anomaly_score${labels} ${scored?.score}`)
    expect(metrics).toContain(`adf_anomaly_threshold${labels} 0.8`)
  })

  it('count vectors, anomalies and verdicts by model', async () => {
    let now = 0
    const { engine, registry } = makeEngine({}, { seconds: () => now })
    const service = new SimulatedService('s', traffic, seeded(1))
    for (let i = 0; i < 400; i++) engine.score(service.next())
    service.traffic = { ...traffic, medianMs: 5000 }
    let anomalies = 0
    for (let i = 0; i < 40; i++) if (engine.score(service.next())?.anomalous) anomalies++
    expect(anomalies).toBeGreaterThan(10)
    engine.judged(sampleAnomaly(1), 'false_positive', null)
    engine.judged(sampleAnomaly(2), 'true_positive', null)
    engine.judged(sampleAnomaly(3), 'true_positive', null)
    engine.judged(sampleAnomaly(3), 'true_positive', 'true_positive')
    engine.judged(sampleAnomaly(4, { seen_by: ['no such model'] }), 'true_positive', null)
    engine.judged(sampleAnomaly(5), 'true_positive', null)
    engine.judged(sampleAnomaly(5), 'false_positive', 'true_positive')
    engine.judged(sampleAnomaly(5), null, 'false_positive')
    now = 10
    const metrics = await registry.metrics()
    expect(metrics).toContain('adf_vectors_scored_total 240')
    expect(metrics).toContain('adf_vectors_skipped_total{reason="warming_up"} 200')
    expect(metrics).toContain('detector_throughput_mps{model="robust"} 24')
    expect(metrics).toContain('detector_throughput_mps{model="rules"} 44')
    expect(metrics).toContain(`detector_anomalies_total{model="robust"} ${anomalies}`)
    expect(metrics).toContain('detector_false_positives_total{model="robust"} 2')
    expect(metrics).toContain('detector_true_positives_total{model="robust"} 3')
    for (const verdict of ['true_positive', 'false_positive'])
      expect(metrics).toContain(`detector_verdicts_withdrawn_total{model="robust",verdict="${verdict}"} 1`)
    expect(metrics).toMatch(/detector_latency_seconds_count{model="rules"} 2\d/)
    expect(metrics).not.toContain('no such model')
  })
})

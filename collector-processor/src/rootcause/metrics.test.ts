import { Ranking } from '@adf/contract'
import { describe, expect, it } from 'vitest'
import type { MetricEvidence } from './evidence.ts'
import { NO_QUIET_EDGES } from './evidence.ts'
import { metricFindings } from './metrics.ts'
import { rankRootCauses } from './rank.ts'

const cpu: MetricEvidence = {
  service: 'payment',
  feature: 'cpu_usage_percent',
  unit: '%',
  value: 97.31,
  expected: Number.NaN,
  strength: 1,
  sinceMs: 0,
}

const requests = { window: Float64Array.of(10), history: Float64Array.of(10, 11, 9) }

describe('anomalies of metrics as evidence', () => {
  it('says what was normal', () => {
    const [found] = metricFindings([{ ...cpu, expected: 40.02 }])
    expect(found).toMatchObject({ expected: 40.02, text: 'cpu_usage_percent is 97.3 %, normally 40 %' })
  })

  it('keeps the contract where a fixed limit knows no normal value', () => {
    const ranking = rankRootCauses({
      at: 0,
      evidence: {
        nodes: [
          {
            id: 'payment',
            virtual: false,
            requests,
            requestRate: requests,
            latencyMs: requests,
            failed: requests,
            spansPerRequest: requests,
            blind: false,
            usualRate: false,
            operations: [],
          },
        ],
        edges: [],
        quiet: NO_QUIET_EDGES,
        windowSlots: Float64Array.of(0),
        slotMs: 5000,
        waitedMs: 0,
        placements: [],
        changes: [],
      },
      metrics: [cpu],
      hosts: [],
      logs: [],
      rng: () => 0.5,
      top: 5,
    })
    const sent: unknown = JSON.parse(JSON.stringify(ranking))
    expect(Ranking.parse(sent).causes[0]?.evidence[0]).toMatchObject({
      expected: null,
      text: 'cpu_usage_percent is 97.3 %, over its limit',
    })
  })

  it('names no unit for a plain share', () => {
    const rate = { ...cpu, feature: 'error_rate', unit: '1', value: 1 }
    expect(metricFindings([{ ...rate, expected: 0 }])[0]?.text).toBe('error_rate is 1, normally 0')
    expect(metricFindings([rate])[0]?.text).toBe('error_rate is 1, over its limit')
  })

  it('takes fewer log records for a symptom, more for evidence', () => {
    const strength = (value: number) =>
      metricFindings([{ ...cpu, feature: 'log_rate', unit: '1/s', value, expected: 7 }])[0]?.strength ?? 0
    expect(strength(0)).toBeLessThan(strength(30) / 4)
  })

  it('leaves out what did not deviate', () => {
    expect(metricFindings([{ ...cpu, strength: 0 }])).toEqual([])
  })
})

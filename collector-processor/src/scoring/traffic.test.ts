import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { makeEngine } from './testing/engine.ts'
import { SimulatedService, STEP_MS, type Traffic } from './testing/simulated-service.ts'

/** Twenty services from 2 to 20 requests a second, from steady to very noisy, some with 1 % errors, some with 1 % slow requests. */
const services: Traffic[] = Array.from({ length: 20 }, (_, i) => ({
  rate: 2 + (i * 18) / 19,
  medianMs: 20 + 10 * i,
  sigma: [0.3, 0.5, 0.8][i % 3]!,
  errorShare: i % 4 === 0 ? 0.01 : 0,
  slowShare: i % 5 === 0 ? 0.01 : 0,
}))

/** Seconds from a fault to its second anomalous vector in a row (which opens an incident), per service; Infinity = not in 15 s. */
function detected(seed: number, normalSteps: number, fault: (traffic: Traffic) => Traffic): number[] {
  const { engine } = makeEngine()
  const rng = seeded(seed)
  const times = services.map((traffic, i) => {
    const service = new SimulatedService(`s${i}`, traffic, rng)
    for (let step = 0; step < normalSteps; step++) engine.score(service.next())
    service.traffic = fault(traffic)
    for (let step = 1, run = 0; step <= 60; step++) {
      run = engine.score(service.next())?.anomalous ? run + 1 : 0
      if (run === 2) return (step * STEP_MS) / 1000
    }
    return Number.POSITIVE_INFINITY
  })
  return times.sort((a, b) => a - b)
}

describe('noisy traffic in overlapping windows', () => {
  it('raises nearly nothing in ten minutes of twenty normal services, four times over', () => {
    let runs = 0
    for (const seed of [1, 2, 3, 4]) {
      const { engine } = makeEngine()
      const rng = seeded(seed)
      let scored = 0
      for (const [i, traffic] of services.entries()) {
        const service = new SimulatedService(`s${i}`, traffic, rng)
        for (let step = 0, run = 0; step < 2600; step++) {
          const result = engine.score(service.next())
          if (result !== undefined) scored++
          run = result?.anomalous ? run + 1 : 0
          if (run === 2) runs++
        }
      }
      expect(scored).toBe(20 * 2400)
    }
    expect(runs).toBeLessThanOrEqual(6)
  })

  it('sees a fault all the same when it learned while the service started up', () => {
    const traffic = services[10]!
    const { engine } = makeEngine()
    const service = new SimulatedService('s', { ...traffic, medianMs: traffic.medianMs * 5 }, seeded(5))
    for (let step = 0; step < 300; step++) {
      if (step === 10) service.traffic = traffic
      engine.score(service.next())
    }
    service.traffic = { ...traffic, medianMs: traffic.medianMs * 4 }
    const steps = Array.from({ length: 40 }, () => engine.score(service.next())?.anomalous)
    expect(steps.indexOf(true)).toBeGreaterThanOrEqual(0)
    expect(steps.slice(-10)).not.toContain(false)
  })

  it.each([400, 1200])('sees latency triple after %i steps: half of the services within 5 s', (steps) => {
    const times = detected(1, steps, (traffic) => ({ ...traffic, medianMs: traffic.medianMs * 3 }))
    expect(times[4]).toBeLessThanOrEqual(3)
    expect(times[9]).toBeLessThanOrEqual(5)
    expect(times[16]).toBeLessThanOrEqual(10)
  })

  it.each([400, 1200])('sees errors go to 30 %% after %i steps: most within 3 s', (steps) => {
    const times = detected(1, steps, (traffic) => ({ ...traffic, errorShare: 0.3 }))
    expect(times[9]).toBeLessThanOrEqual(3)
    expect(times[16]).toBeLessThanOrEqual(10)
  })
})

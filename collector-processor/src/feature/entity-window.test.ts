import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntityWindow, Fit } from './entity-window.ts'
import { StepPool } from './window-step.ts'

const STEP = 1000
const STEPS = 10
const LATENESS = 10_000
const SKEW = 600_000
const T0 = 1_800_000_000_000
const options = { stepMs: STEP, steps: STEPS, maxLatenessMs: LATENESS, maxSkewMs: SKEW }
const begin = (arrivalMs = T0) => new EntityWindow(options, new StepPool(10_000), arrivalMs)

interface Batch {
  readonly waitMs: number
  readonly spans: readonly {
    readonly delayMs: number
    readonly durationMs: number
    readonly failed: boolean
  }[]
}
const batches = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 4000 }),
    spans: fc.array(
      fc.record({
        delayMs: fc.oneof(
          fc.integer({ min: 0, max: 3000 }),
          fc.integer({ min: -5000, max: 40_000 }),
          fc.integer({ min: -700_000, max: 4_000_000 }),
        ),
        durationMs: fc.integer({ min: 1, max: 5000 }),
        failed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { maxLength: 40 },
)

function expectQuantiles(window: EntityWindow, durations: readonly number[]): void {
  const sorted = [...durations].sort((a, b) => a - b)
  for (const q of [0.5, 0.99]) {
    const wanted = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN
    if (Number.isNaN(wanted)) expect(window.latency.quantile(q)).toBeNaN()
    else expect(Math.abs(window.latency.quantile(q) - wanted)).toBeLessThanOrEqual(wanted * 0.008)
  }
}

describe('EntityWindow', () => {
  it('equals a recomputation from all events that were taken', () => {
    fc.assert(
      fc.property(batches, (all: readonly Batch[]) => {
        const window = begin()
        const taken: { endMs: number; durationMs: number; failed: boolean }[] = []
        let now = T0
        let last = Number.NEGATIVE_INFINITY
        for (const { waitMs, spans } of all) {
          now += waitMs
          for (const { delayMs, durationMs, failed } of spans) {
            const endMs = now - delayMs
            const fit = window.request(endMs, durationMs, failed, now)
            if (fit === Fit.taken) taken.push({ endMs, durationMs, failed })
            expect(fit === Fit.future).toBe(delayMs < -SKEW)
          }
          window.endBatch(now)
          const end = window.move(now)
          if (end === undefined) continue
          expect(end).toBeGreaterThan(last)
          expect(end % STEP).toBe(0)
          last = end
          const inside = taken.filter((one) => one.endMs >= end - STEPS * STEP && one.endMs < end)
          expect(window.requests).toBe(inside.length)
          expect(window.failures).toBe(inside.filter((one) => one.failed).length)
          expectQuantiles(
            window,
            inside.map((one) => one.durationMs),
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('waits as long as its telemetry takes, and gives each end once', () => {
    const window = begin()
    const ends: number[] = []
    for (let second = 1; second <= 40; second++) {
      const now = T0 + second * 1000
      if (second % 5 === 0) {
        for (let age = 0; age < 5; age++) window.request(now - age * 1000 - 100, 5, false, now)
        window.endBatch(now)
      }
      const end = window.move(now)
      if (end !== undefined) ends.push(now - end)
    }
    expect(ends.length).toBeGreaterThan(20)
    // The oldest span of a batch is 4.1 s old: the wait is that, up to the next whole step.
    expect(new Set(ends)).toEqual(new Set([5000]))
  })

  it('begins only when a whole window has passed', () => {
    const window = begin()
    let first: number | undefined
    for (let second = 0; second < 30 && first === undefined; second++) {
      const now = T0 + second * 1000
      window.request(now, 5, false, now)
      window.endBatch(now)
      first = window.move(now)
    }
    expect(first).toBe(T0 + STEPS * STEP)
  })

  it('follows a clock that runs ahead and ignores one that is hours off', () => {
    const ahead = begin()
    let end: number | undefined
    for (let second = 0; second < 30; second++) {
      const now = T0 + second * 1000
      expect(ahead.request(now + 300_000, 5, false, now)).toBe(Fit.taken)
      ahead.endBatch(now)
      end = ahead.move(now) ?? end
    }
    expect(end).toBe(T0 + 29_000 + 300_000)
    expect(ahead.requests).toBe(10)
    expect(ahead.lateness.smallestMs).toBeCloseTo(-300_000)

    const behind = begin()
    for (let second = 0; second < 30; second++) {
      const now = T0 + second * 1000
      expect(behind.request(now - 7_200_000, 5, false, now)).toBe(Fit.late)
      behind.endBatch(now)
      expect(behind.move(now)).toBeUndefined()
    }
    expect(behind.lateness.smallestMs).toBe(7_200_000)
  })

  it('adds late events that still fall into the window', () => {
    const window = begin()
    for (let second = 0; second < 20; second++) {
      window.request(T0 + second * 1000 + 500, 5, false, T0 + second * 1000 + 500)
      window.endBatch(T0 + second * 1000 + 500)
      window.move(T0 + (second + 1) * 1000)
    }
    expect(window.requests).toBe(10)
    expect(window.request(T0 + 12_000, 5, true, T0 + 20_000)).toBe(Fit.taken)
    expect(window.requests).toBe(11)
    expect(window.failures).toBe(1)
    expect(window.request(T0 + 9_999, 5, true, T0 + 20_000)).toBe(Fit.late)
    expect(window.requests).toBe(11)
  })

  it('is bounded in all windows together, and takes again what was given back', () => {
    const window = new EntityWindow(options, new StepPool(3), T0)
    const fits = [1, 2, 3, 4].map((second) => window.request(T0 + second * STEP, 5, false, T0))
    expect(fits).toEqual([Fit.taken, Fit.taken, Fit.taken, Fit.full])
    window.endBatch(T0)
    window.move(T0 + 60_000)
    expect(window.request(T0 + 60_000, 5, false, T0 + 60_000)).toBe(Fit.taken)
  })
})

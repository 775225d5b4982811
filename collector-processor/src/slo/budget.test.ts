import { describe, expect, test } from 'vitest'
import { budgetOf, runsOutAt } from './budget.ts'
import { Measure } from './measure.ts'
import { HOUR, MINUTE, objective, T0 } from './testing/rig.ts'

const DAY = 24 * HOUR
/** The last moment of an hour. */
const NOW = T0 - 1

/** A measure with so many requests and failures in each of the last hours. */
function measured(hours: number, total: number, bad: number, sinceMs = NOW - 90 * DAY) {
  const measure = new Measure('checkout', { kind: 'availability' }, sinceMs)
  for (let hour = hours - 1; hour >= 0; hour--) measure.add(NOW - hour * HOUR, total, total - bad)
  return measure
}
const outIn = (measure: Measure, total: number, bad: number, of = objective()) => {
  const out = runsOutAt(of, measure, { total, good: total - bad }, HOUR, NOW)
  return out === undefined ? undefined : (out - NOW) / HOUR
}

describe('the budget', () => {
  test('of a period that was counted from end to end is 1 - (bad / total) / (1 - target)', () => {
    const { left, allowed, bad } = budgetOf(objective(), measured(800, 1000, 0.25), NOW)
    expect(bad).toBeCloseTo(180)
    expect(allowed).toBeCloseTo(720)
    expect(left).toBeCloseTo(0.75)
  })

  test('of one hour of counting is of a period as busy as that hour: a bad hour is no bad month', () => {
    const { left, allowed } = budgetOf(objective(), measured(1, 1000, 36, NOW - HOUR), NOW)
    expect(allowed).toBeCloseTo(720)
    expect(left).toBeCloseTo(0.95)
  })

  test('of a calendar period knows what is yet to come', () => {
    const month = { kind: 'calendar', unit: 'month', startTime: '2026-01-01 00:00:00', zone: 'UTC' } as const
    const { left, fromMs } = budgetOf(objective({ period: month }), measured(2000, 1000, 2), NOW)
    const elapsed = (NOW - fromMs) / (31 * DAY)
    expect(new Date(fromMs).toISOString()).toBe('2027-01-01T00:00:00.000Z')
    expect(left).toBeCloseTo(1 - 2 * elapsed, 2)
  })

  test('may be overdrawn, and is not known without requests', () => {
    expect(budgetOf(objective(), measured(800, 1000, 3), NOW).left).toBeCloseTo(-2)
    expect(budgetOf(objective(), measured(0, 0, 0), NOW).left).toBeUndefined()
  })
})

describe('the forecast', () => {
  test('is when the rest of the budget is gone at the rate of the last hour', () => {
    // 720 allowed, none used, 14.4 a hour more than good ones leave the window.
    expect(outIn(measured(800, 1000, 0), 1000, 14.4)).toBeCloseTo(50, 5)
  })

  test('knows that old failures leave a rolling window', () => {
    // At 1.0 an hour what comes is what leaves: the budget is used up exactly and never more.
    expect(outIn(measured(800, 1000, 0.5), 1000, 0.9)).toBeUndefined()
    expect(outIn(measured(800, 1000, 0.5), 1000, 2)).toBeCloseTo(360 / 1.5, 5)
  })

  test('is now when the budget is gone, and never without failures or requests', () => {
    expect(outIn(measured(800, 1000, 2), 1000, 0)).toBe(0)
    expect(outIn(measured(800, 1000, 0.5), 1000, 0)).toBeUndefined()
    expect(outIn(measured(0, 0, 0), 0, 0)).toBeUndefined()
  })

  test('ends with a calendar period', () => {
    const day = { kind: 'calendar', unit: 'day', startTime: '2026-01-01 00:00:00', zone: 'UTC' } as const
    // 8 hours of the day are over.
    expect(outIn(measured(800, 1000, 0), 1000, 1.6, objective({ period: day }))).toBeCloseTo(15, 0)
    expect(outIn(measured(800, 1000, 0), 1000, 1.4, objective({ period: day }))).toBeUndefined()
  })
})

test('a late failure is in the budget of its hour', () => {
  const measure = measured(800, 1000, 0)
  measure.add(NOW - 20 * DAY + MINUTE, 10, 0)
  expect(budgetOf(objective(), measure, NOW).bad).toBe(10)
})

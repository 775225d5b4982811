import { describe, expect, it } from 'vitest'
import { cumulativeInterval, deltaInterval } from './interval.ts'

const NEW = { collectedMs: Number.NaN, maxAgeMs: 120_000 }
const KNOWN = { collectedMs: 940_000, maxAgeMs: 120_000 }

describe('cumulativeInterval', () => {
  it.each([
    ['start before time is a true reset', undefined, 940_000, 1_000_000, NEW, 940_000],
    [
      'a series that is new to a known source counts from its last collection',
      undefined,
      1,
      1_000_000,
      KNOWN,
      940_000,
    ],
    ['a start after the last collection counts from there', undefined, 970_000, 1_000_000, KNOWN, 970_000],
    ['a restart', { startMs: 1, timeMs: 940_000 }, 970_000, 1_000_000, NEW, 970_000],
  ])('%s', (_, previous, startMs, timeMs, known, fromMs) => {
    expect(cumulativeInterval(previous, startMs, timeMs, known)).toEqual({
      take: 'whole',
      fromMs,
      note: 'reset',
    })
  })

  it.each([
    ['unknown start', undefined, 1_000_000, 1_000_000, NEW, { take: 'base' }],
    ['no start', undefined, 0, 1_000_000, KNOWN, { take: 'base' }],
    ['an old series that is new to us', undefined, 1, 1_000_000, NEW, { take: 'base' }],
    [
      'a reset with unknown start',
      { startMs: 1, timeMs: 940_000 },
      1_000_000,
      1_000_000,
      NEW,
      { take: 'base', note: 'reset' },
    ],
    [
      'the next point',
      { startMs: 1, timeMs: 940_000 },
      1,
      1_000_000,
      NEW,
      { take: 'difference', fromMs: 940_000 },
    ],
    [
      'the same point again',
      { startMs: 1, timeMs: 940_000 },
      1,
      940_000,
      NEW,
      { take: 'ignored', reason: 'out_of_order' },
    ],
    ['no time', undefined, 0, 0, NEW, { take: 'ignored', reason: 'no_time' }],
  ])('%s', (_, previous, startMs, timeMs, known, expected) => {
    expect(cumulativeInterval(previous, startMs, timeMs, known)).toEqual(expected)
  })
})

describe('deltaInterval', () => {
  const previous = { startMs: 880_000, timeMs: 940_000 }
  it.each([
    ['the next point', previous, 940_000, 1_000_000, NEW, { take: 'whole', fromMs: 940_000 }],
    ['a gap', previous, 960_000, 1_000_000, NEW, { take: 'whole', fromMs: 960_000, note: 'gap' }],
    [
      'a series that was at rest',
      { startMs: 1, timeMs: 700_000 },
      960_000,
      1_000_000,
      KNOWN,
      { take: 'whole', fromMs: 940_000 },
    ],
    ['an overlap', previous, 930_000, 1_000_000, NEW, { take: 'ignored', reason: 'overlap' }],
    ['out of order', previous, 820_000, 880_000, NEW, { take: 'ignored', reason: 'out_of_order' }],
    ['a first point', undefined, 940_000, 1_000_000, NEW, { take: 'whole', fromMs: 940_000 }],
    ['a first point without start', undefined, 0, 1_000_000, NEW, { take: 'base' }],
    ['no time', undefined, 0, 0, NEW, { take: 'ignored', reason: 'no_time' }],
  ])('%s', (_, before, startMs, timeMs, known, expected) => {
    expect(deltaInterval(before, startMs, timeMs, known)).toEqual(expected)
  })
})

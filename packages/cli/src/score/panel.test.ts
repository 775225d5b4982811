import { defaultPanel, History, normal, plainFeatures, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { Panel } from './panel.ts'

const MINUTE_MS = 60_000
const WIDTH = 4

/** Four columns that go together; what `change` adds to the rows of the second part, and the row from which on thirty are the same. */
function judged(learnedRows: number, change: (row: number) => number, still?: number) {
  const rng = seeded(7)
  const rows = (from: number, count: number, odd: (row: number) => number) => {
    const values = Float64Array.from({ length: count * WIDTH }, () => 0)
    for (let row = 0; row < count; row++) {
      const common = normal(rng)
      for (let i = 0; i < WIDTH; i++) values[row * WIDTH + i] = 100 + 5 * common + normal(rng)
      values[row * WIDTH]! += odd(row)
    }
    return new History(
      WIDTH,
      values,
      Float64Array.from({ length: count }, (_, row) => (from + row) * MINUTE_MS),
    )
  }
  const learned = rows(0, learnedRows, () => 0)
  const features = plainFeatures(['a', 'b', 'c', 'd'], learned)
  const members = defaultPanel({ features, halfLife: 5000, seed: 1 }, learnedRows * MINUTE_MS)
  const panel = new Panel({ members, limits: [], alertsPerDay: 0.1 })
  panel.train(learned)
  const test = rows(learnedRows, 400, change)
  if (still !== undefined)
    for (let row = still + 1; row < still + 30; row++) test.values.set(test.row(still), row * WIDTH)
  return Array.from({ length: test.count }, (_, row) => {
    const verdict = panel.judge(test.row(row), test.timesMs[row]!)
    return { ...verdict, threshold: panel.threshold }
  })
}

describe.each([
  ['young', 1000],
  ['of three days', 4320],
])('a panel with a history that is %s', (_, learnedRows) => {
  it('flags what reaches the threshold, and nothing else', () => {
    const rows = judged(learnedRows, (row) => (row % 100 === 50 ? 60 : 0))
    expect(rows.filter(({ isAnomaly }) => isAnomaly).length).toBeGreaterThanOrEqual(4)
    for (const { severity, threshold, isAnomaly } of rows)
      expect(isAnomaly).toBe(Math.min(1, severity) >= threshold)
  })

  it('ranks what is far off in the company of the others above what is less so', () => {
    const rows = judged(learnedRows, (row) => (row === 100 ? 15 : row === 250 ? 80 : 0))
    expect(rows[250]!.severity).toBeGreaterThan(rows[100]!.severity)
    expect(rows[250]!.isAnomaly).toBe(true)
  })
})

it('lifts what only the others find over the threshold, a little', () => {
  // All stand still at a height that is common: nothing to the ensemble.
  const found = judged(1000, () => 0, 200).filter(({ isAnomaly }, row) => isAnomaly && row > 200 && row < 230)
  expect(found.length).toBeGreaterThan(5)
  for (const { severity, threshold } of found) {
    expect(severity).toBeGreaterThanOrEqual(threshold)
    expect(severity).toBeLessThan(threshold + 0.05)
  }
})

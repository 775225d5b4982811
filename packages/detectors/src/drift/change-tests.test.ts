import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { Adwin } from './adwin.ts'
import { ADWIN_DEFAULTS, AdwinBank } from './adwin-bank.ts'
import { PageHinkley } from './page-hinkley.ts'

interface Golden {
  readonly name: string
  readonly values: readonly number[]
  readonly adwin: readonly {
    readonly options: { delta?: number; clock?: number; min_window_length?: number; grace_period?: number }
    readonly changes: readonly [number, number, number][]
    readonly snapshots: readonly [number, number, number, number][]
  }[]
  readonly page_hinkley: readonly {
    readonly options: {
      threshold?: number
      delta?: number
      min_instances?: number
      mode?: string
      alpha?: number
    }
    readonly changes: readonly number[]
  }[]
}
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL('golden/river.json', import.meta.url), 'utf8'),
)

describe.each(golden)('as river, stream $name', ({ values, adwin, page_hinkley }) => {
  it.each(adwin)('ADWIN $options', ({ options, changes, snapshots }) => {
    const { delta, clock, min_window_length, grace_period } = options
    const detector = new Adwin({
      ...(delta === undefined ? {} : { delta }),
      ...(clock === undefined ? {} : { clock }),
      ...(min_window_length === undefined ? {} : { minWindow: min_window_length }),
      ...(grace_period === undefined ? {} : { grace: grace_period }),
    })
    const found: number[][] = []
    const seen: number[][] = []
    let again = false
    for (const [i, value] of values.entries()) {
      // river's wrapper begins with an empty window after a change; ours keeps the newer part.
      if (again) detector.reset()
      again = detector.add(value)
      if (again) found.push([i, detector.width, detector.mean])
      if (i % 100 === 99) seen.push([i, detector.width, detector.total, detector.squares])
    }
    expect(found.map((each) => each.slice(0, 2))).toEqual(changes.map((each) => each.slice(0, 2)))
    for (const [k, [, , mean]] of found.entries()) expect(mean).toBeCloseTo(changes[k]![2], 9)
    for (const [k, [i, width, total, squares]] of seen.entries()) {
      expect([i, width]).toEqual(snapshots[k]!.slice(0, 2))
      expect(total).toBeCloseTo(snapshots[k]![2], 6)
      expect(squares).toBeCloseTo(snapshots[k]![3], 6)
    }
  })

  it.each(page_hinkley)('Page-Hinkley $options', ({ options, changes }) => {
    const { threshold, delta, min_instances, mode, alpha } = options
    const detector = new PageHinkley({
      ...(threshold === undefined ? {} : { threshold }),
      ...(delta === undefined ? {} : { delta }),
      ...(min_instances === undefined ? {} : { minimum: min_instances }),
      ...(mode === 'down' ? { direction: 'low' as const } : {}),
      ...(alpha === undefined ? {} : { alpha }),
    })
    expect(values.flatMap((value, i) => (detector.add(value) ? [i] : []))).toEqual(changes)
  })
})

it('keeps the newer part after a change, and a bounded one without', () => {
  const rng = seeded(1)
  const detector = new Adwin({ clock: 1 })
  let cut = false
  for (let i = 0; i < 100_000; i++) cut = detector.add(normal(rng)) || cut
  expect(detector.width).toBeGreaterThan(10_000)
  for (let i = 0; i < 300; i++) cut = detector.add(5 + normal(rng)) || cut
  expect(cut).toBe(true)
  expect(Math.abs(detector.mean - 5)).toBeLessThan(1)
})

it('keeps the windows of a bank apart, and saves each by itself', () => {
  const rng = seeded(2)
  const options = { ...ADWIN_DEFAULTS, clock: 1, maxBuckets: 3, rows: 5 }
  const bank = new AdwinBank(2, options)
  const alone = [new Adwin(options), new Adwin(options)]
  const what = (window: number) => [bank.width(window), bank.total(window), bank.squares(window)]
  let cuts = 0
  for (let i = 0; i < 400; i++)
    for (const [window, own] of alone.entries()) {
      const value = normal(rng) + (window === 1 && i > 200 ? 5 : 0)
      const changed = own.add(value)
      expect(bank.add(window, value)).toBe(changed)
      expect(what(window)).toEqual([own.width, own.total, own.squares])
      if (changed) cuts++
      if (i % 50 === 7) expect(bank.layers(window, 'w')).toEqual(own.layers('w'))
    }
  expect(cuts).toBeGreaterThan(0)
  const before = what(1)
  const bytes = encodeModel({ kind: 'test', version: 1, layers: new Map(bank.layers(0, 'w')) })
  bank.read(1, 'w', new Layers(bytes, 'test', 1))()
  expect(what(1)).toEqual(what(0))
  expect(what(1)).not.toEqual(before)
  expect(bank.layers(1, 'w')).toEqual(bank.layers(0, 'w'))
})

it('needs two buckets to merge them', () => {
  expect(() => new Adwin({ maxBuckets: 1 })).toThrow(RangeError)
})

it('goes on after a value of 1e150', () => {
  const detector = new Adwin()
  for (let i = 0; i < 1000; i++) detector.add(i === 400 ? 1e150 : i % 2)
  expect(Number.isFinite(detector.mean) && detector.squares >= 0).toBe(true)
})

it.each([
  ['ADWIN', () => new Adwin({ clock: 1 })],
  ['Page-Hinkley', () => new PageHinkley({ threshold: 15 })],
])('%s goes on after a restart as if nothing had happened', (_, make) => {
  const values = golden[0]!.values
  const detector = make()
  for (const value of values.slice(0, 650)) detector.add(value)
  const copy = make()
  const bytes = encodeModel({ kind: 'test', version: 1, layers: new Map(detector.layers('change')) })
  copy.read('change', new Layers(bytes, 'test', 1))()
  const rest = values.slice(650)
  const found = rest.map((value) => detector.add(value))
  expect(found).toContain(true)
  expect(rest.map((value) => copy.add(value))).toEqual(found)
})

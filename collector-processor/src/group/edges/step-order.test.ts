import { expect, test } from 'vitest'
import { StepOrder, type StepSummary } from './step-order.ts'

const EMPTY = { latest_at: null, nodes: [], operations: [], edges: [], sights: [], clocks: [] }
const step = (shard: string, at: number, more: Partial<StepSummary> = {}): StepSummary => ({
  ...{ version: 1, kind: 'step', shard, epoch: 1, at: at * 1000, offset: at, part: 0, last: true },
  ...{ spans: EMPTY, services: [] },
  ...more,
})

function rig(maxBytes = 1e6) {
  const ignored: string[] = []
  let overruns = 0
  const order = new StepOrder({
    ...{ stepMs: 1000, maxBehindMs: 60_000, maxBytes },
    ignored: (why) => ignored.push(why),
    overrun: () => overruns++,
  })
  const seen: (string | number)[] = []
  const run = () =>
    order.run({
      add: ({ shard, at, part }) => seen.push(`${shard}${at / 1000}${part > 0 ? `.${part}` : ''}`),
      advance: (nowMs) => seen.push(nowMs / 1000),
    })
  const take = (...messages: Parameters<StepOrder['take']>[0][]) => {
    for (const message of messages) order.take(message, 100, message.kind === 'step' ? message.at : 0)
    run()
    return seen.splice(0)
  }
  return { order, take, ignored, overruns: () => overruns }
}
const begin = (shard: string, epoch: number) => ({ version: 1, kind: 'begin', shard, epoch }) as const

test('steps go on in the order of their ends, as far as all shards have come', () => {
  const { take, order } = rig()
  expect(take(step('a', 1), step('a', 2), step('a', 3))).toEqual([])
  expect(take(step('b', 2), step('b', 1.5))).toEqual([])
  expect(take(step('a', 4))).toEqual(['a1', 1, 'a2', 'b2', 2])
  expect(take(step('b', 3), step('b', 4), step('b', 5))).toEqual(['a3', 'b3', 3, 'a4', 'b4', 4])
  expect(order.reachedMs).toBe(4000)
  expect(take(step('a', 5))).toEqual(['b5', 'a5', 5])
})

test('where shards end their steps at different times, all that came until one is there when it ends', () => {
  const { take } = rig()
  take(step('a', 1), step('b', 1.5), step('a', 2), step('b', 2.5), step('a', 3), step('b', 3.5))
  // What came to b until 4 is in its step until 4.5.
  expect(take(step('a', 4), step('b', 4.5)).slice(-6)).toEqual(['a3', 'b3.5', 3, 'a4', 'b4.5', 4])
  expect(take(step('b', 5.5))).toEqual([])
  expect(take(step('a', 5))).toEqual(['a5', 'b5.5', 5])
})

test('a shard that is silent holds the others up, but not for ever', () => {
  const { take } = rig()
  take(step('a', 1), step('b', 1), step('a', 4))
  expect(take(...Array.from({ length: 57 }, (_, n) => step('a', n + 5)))).toEqual([])
  const late = take(step('a', 62))
  expect(late.filter((one) => typeof one === 'string').length).toBe(59)
  expect(late.at(-1)).toBe(62)
  // What it still tells is added at once, and from then on it counts again.
  expect(take(step('b', 50))).toEqual(['b50'])
  expect(take(step('a', 63))).toEqual([])
  expect(take(step('b', 63))).toEqual(['a63', 'b63', 63])
})

test('what comes twice, of who lost the shard, or in part has no effect', () => {
  const { take, ignored, order } = rig()
  take(step('a', 1), step('a', 4))
  expect(take(step('a', 4), step('a', 3))).toEqual([])
  expect(ignored.splice(0)).toEqual(['repeated', 'repeated'])
  expect(take(begin('a', 3), step('a', 5), step('a', 5, { epoch: 3 }))).toEqual(['a5', 5])
  expect(ignored.splice(0)).toEqual(['fenced'])
  const part = (n: number, last: boolean, more: Partial<StepSummary> = {}) =>
    step('a', 6, { epoch: 3, part: n, last, ...more })
  expect(take(part(1, true))).toEqual([])
  expect(take(part(0, false), part(1, false), part(1, false), part(2, true))).toEqual([
    'a6',
    'a6.1',
    'a6.2',
    6,
  ])
  expect(ignored.splice(0)).toEqual(['incomplete', 'repeated'])
  // Another owner begins in the middle of a step: the half of it is void.
  expect(
    take(step('a', 7, { epoch: 3, last: false }), begin('a', 4), part(1, true, { epoch: 4, at: 7000 })),
  ).toEqual([])
  expect(order.progress('a')).toMatchObject({ epoch: 4, atMs: 6000, offset: 6 })
  expect(take(step('a', 8, { epoch: 4 }))).toEqual(['a8', 7, 8])
})

test('a new shard is waited for from its begin, and what waits has a bound', () => {
  const { take, overruns } = rig(1000)
  take(step('a', 1), step('a', 4))
  expect(take(begin('b', 1))).toEqual([])
  expect(take(step('b', 3), step('a', 6))).toEqual(['b3'])
  expect(overruns()).toBe(0)
  const all = take(...Array.from({ length: 10 }, (_, n) => step('a', n + 7)))
  expect(all).toContain('a6')
  expect(overruns()).toBeGreaterThan(0)
})

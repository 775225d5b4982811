import { describe, expect, it } from 'vitest'
import { Layers } from '../codec/layers.ts'
import { encodeModel } from '../codec/model.ts'
import { WaitingVectors } from './waiting.ts'

const KIND = 'waiting'
const WEEK = 7 * 86_400_000

const saved = (waiting: WaitingVectors, changed: [string, { data: Float64Array }][] = []) =>
  new Layers(
    encodeModel({ kind: KIND, version: 1, layers: new Map([...waiting.layers(), ...changed]) }),
    KIND,
    1,
  )

function restored(layers: Layers): WaitingVectors {
  const waiting = new WaitingVectors(1, 0)
  waiting.restore(layers)
  return waiting
}

/** Adds these times; @returns those of the vectors that come out. */
function passed(waiting: WaitingVectors, timesMs: readonly number[]): number[] {
  return timesMs.flatMap((timeMs) => {
    const due = waiting.due().map((each) => each.timeMs)
    waiting.add(Float64Array.of(timeMs % 7), [], timeMs)
    return due
  })
}

const times = (count: number, stepMs: number) =>
  Array.from({ length: count }, (_, i) => 1.8e12 + i * stepMs + ((i * 37) % 11))

describe('vectors that wait', () => {
  it('come out in order, eight at a time, each with its time', () => {
    for (const stepMs of [250, 60_000, 3_600_000]) {
      const all = times(400, stepMs)
      const due = passed(new WaitingVectors(1, 0), all)
      expect(due).toEqual(all.slice(0, due.length))
      expect(due.length).toBe(280)
    }
  })

  it('have nearly their times after silences of weeks, and none of it adds up', () => {
    const all = times(400, WEEK)
    const due = passed(new WaitingVectors(1, 0), all)
    const off = due.map((timeMs, i) => Math.abs(timeMs - all[i]!))
    expect(Math.max(...off)).toBeLessThan(WEEK * 2 ** -24)
  })

  it('go on after a restart as they would have', () => {
    const all = times(400, 999)
    const waiting = new WaitingVectors(1, 0)
    passed(waiting, all.slice(0, 150))
    const copy = restored(saved(waiting))
    expect(passed(copy, all.slice(150))).toEqual(passed(waiting, all.slice(150)))
  })

  it.each([
    [0, 121],
    [120, 1],
    [-1, 1],
    [0.5, 1],
    [0, Number.NaN],
    [0, 1e300],
  ])('are refused from place %d when %d are said to wait', (from, count) => {
    const layers = saved(new WaitingVectors(1, 0), [
      ['waiting.place', { data: Float64Array.of(from, count) }],
    ])
    expect(() => restored(layers)).toThrow(expect.objectContaining({ code: 'corrupt' }))
  })
})

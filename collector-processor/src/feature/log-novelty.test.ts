import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, it } from 'vitest'
import { LogNovelty } from './log-novelty.ts'
import { TemplateMix } from './template-mix.ts'

const UNMERGED = { merges: 0, current: (template: number) => template }
const generator = xoroshiro128plus(1)

function mixOf(counts: Readonly<Record<number, number>>) {
  const mix = new TemplateMix()
  let records = 0
  for (const [template, count] of Object.entries(counts)) {
    mix.add(Number(template), count)
    records += count
  }
  return { mix, records }
}

/** A window in which 60 % of about 100 records are of template 1, 30 % of 2 and 10 % of 3. */
function usualMix() {
  const counts: Record<number, number> = { 1: 0, 2: 0, 3: 0 }
  for (let i = 0; i < 100; i++) {
    const at = uniformFloat64(generator)
    counts[at < 0.6 ? 1 : at < 0.9 ? 2 : 3]!++
  }
  return mixOf(counts)
}

function learned(windows = 300, names = UNMERGED) {
  const novelty = new LogNovelty(names)
  for (let i = 0; i < windows; i++) {
    const { mix, records } = usualMix()
    novelty.learn(mix, records)
  }
  return novelty
}

const surprise = (novelty: LogNovelty, counts: Readonly<Record<number, number>>) => {
  const { mix, records } = mixOf(counts)
  return novelty.of(mix, records)
}

it('is not known while too little was learned, or when nothing was logged', () => {
  expect(surprise(learned(29), { 1: 60, 2: 30, 3: 10 })).toBeNaN()
  expect(learned().of(new TemplateMix(), 0)).toBeNaN()
})

it('is small in normal operation, whatever the load', () => {
  const novelty = learned()
  const usual = Array.from({ length: 200 }, () => {
    const { mix, records } = usualMix()
    return novelty.of(mix, records)
  })
  expect(Math.max(...usual)).toBeLessThan(5)
  expect(surprise(novelty, { 1: 600, 2: 300, 3: 100 })).toBeLessThan(3)
})

it.each([
  ['never seen', { 1: 50, 2: 30, 3: 10, 4: 10 }, 8],
  ['gone', { 2: 75, 3: 25 }, 6],
  ['far more frequent', { 1: 40, 2: 20, 3: 60 }, 6],
])('tells a template that is %s', (_, counts, least) => {
  expect(surprise(learned(), counts)).toBeGreaterThan(least)
})

it('a service that always has something new is surprised less by it', () => {
  const restless = learned()
  for (let i = 0; i < 300; i++) {
    const { mix, records } = usualMix()
    mix.add(1000 + i, 3)
    restless.learn(mix, records + 3)
  }
  const odd = { 1: 60, 2: 30, 3: 10, 9999: 4 }
  expect(surprise(restless, odd)).toBeLessThan(surprise(learned(), odd) / 2)
})

it('two templates that turn out to be one are no news', () => {
  const names = {
    merges: 0,
    current: (template: number) => (names.merges > 0 && template === 3 ? 2 : template),
  }
  const novelty = learned(300, names)
  names.merges = 1
  expect(surprise(novelty, { 1: 60, 2: 40 })).toBeLessThan(3)
  expect(surprise(novelty, { 1: 60, 2: 30, 3: 10 })).toBeLessThan(3)
})

it('a mix that is merged and taken apart again is what it was', () => {
  const mix = mixOf({ 1: 5, 2: 1 }).mix
  const step = mixOf(Object.fromEntries(Array.from({ length: 400 }, (_, i) => [i + 1, 2]))).mix
  mix.merge(step)
  mix.subtract(step)
  expect(mix.counts).toEqual(
    new Map([
      [1, 5],
      [2, 1],
    ]),
  )
  expect(step.counts.size).toBeLessThanOrEqual(257)
})

import { describe, expect, it } from 'vitest'
import { pagesOverBudget } from '../cost.ts'
import { entity, episodesWith, judgedWeek, NOISY, verdict } from '../history.test-data.ts'
import { type History, historyOf } from '../history.ts'
import { levelOf } from '../severity.ts'
import { changeOf, costAt } from './curve.ts'
import { type Label, labelsOf } from './labels.ts'
import { normalBelow } from './normal.ts'
import { Reader } from './reader.ts'
import { TRUST, trustOf } from './trust.ts'

const WEEK = 7 * 1440
const about = { initial: 0.8, fromMinute: 0, toMinute: WEEK }
const read = (history: History, burn = 0) => new Reader().outlook(history, [history], WEEK, burn).curve
const labels = (history: History): Label[] =>
  labelsOf(
    history,
    WEEK,
    () => () => 0,
    () => 0.95,
  )

describe('trust', () => {
  const episodes = episodesWith(NOISY)
  /** Three honest authors and one more, who judges every fourth episode. */
  const withFourth = (tells: (useful: boolean) => boolean) =>
    historyOf(
      entity('a'),
      episodes,
      episodes.map((each, i) => {
        const useful = each.peak > 1
        const said = i % 4 === 3 ? tells(useful) : useful
        return verdict(each, said ? 'true_positive' : 'false_positive', { author: `author-${i % 4}` })
      }),
      about,
    ).history

  it('falls under one half for who always lies, and stays for who does not', () => {
    const liar = trustOf(labels(withFourth((useful) => !useful)))
    expect(liar('author-3')).toBeLessThan(0.75)
    expect(liar('author-0')).toBeGreaterThan(0.8)
    expect(trustOf(labels(withFourth((useful) => useful)))('author-3')).toBeGreaterThan(0.93)
  })

  it('is what everyone starts with where there is nobody to compare with', () => {
    const alone = trustOf(labels(judgedWeek('a', NOISY, 1)))
    expect(alone('ann')).toBeCloseTo(TRUST.right)
    expect(alone('nobody')).toBe(TRUST.right)
  })

  it('falls for who floods', () => {
    const one = verdict(episodes[0]!, 'false_positive', { givenAtMinute: 500 })
    const flood = historyOf(
      entity('a'),
      episodes,
      episodes.map((each) => ({ ...one, minute: each.startMinute })),
      about,
    )
    const trust = trustOf(labels(flood.history), { ...TRUST, perDay: 5 })
    expect(trust('ann')).toBeCloseTo(0.5 + 0.45 / 5)
  })
})

describe('the curve', () => {
  it('is cheapest between noise and what is useful', () => {
    const curve = read(judgedWeek('a', NOISY, 1))
    const cheapest = Array.from({ length: 140 }, (_, i) => 0.6 + 0.01 * i).reduce((best, at) =>
      costAt(curve, at) < costAt(curve, best) - 1e-12 ? at : best,
    )
    expect(cheapest).toBeGreaterThan(0.94)
    expect(cheapest).toBeLessThanOrEqual(1.5)
  })

  it('without a verdict is cheapest at the start, unless there are more alerts than there can be incidents', () => {
    const silent = (peaks: readonly number[]) =>
      read(historyOf(entity('a'), episodesWith(peaks), [], about).history)
    const few = silent([0.7, 0.85, 1.2])
    expect(costAt(few, 0.8)).toBeLessThanOrEqual(costAt(few, 0.69))
    expect(costAt(few, 0.8)).toBeLessThan(costAt(few, 1.25))
    const many = silent(NOISY)
    expect(changeOf(many, 0.8, 0.95).cost).toBeLessThan(0)
  })

  it('counts a missed incident for those that nobody reports', () => {
    const [episode] = episodesWith([0.7])
    const missed = (origin: 'missed' | 'sampled') =>
      read(
        historyOf(entity('a'), [episode!], [verdict(episode!, 'true_positive', { origin })], about).history,
      )
    expect(changeOf(missed('missed'), 0.8, 0.65).cost).toBeLessThan(
      changeOf(missed('sampled'), 0.8, 0.65).cost,
    )
  })

  it('lets an answer under the threshold stand for those who were not asked', () => {
    const peaks = Array.from({ length: 20 }, () => 0.7)
    const asked = (propensity: number) => {
      const episodes = episodesWith(peaks)
      const given = episodes
        .slice(0, 2)
        .map((each) => verdict(each, 'true_positive', { origin: 'sampled', propensity }))
      return changeOf(read(historyOf(entity('a'), episodes, given, about).history), 0.8, 0.65)
    }
    expect(asked(0.02).cost).toBeLessThan(asked(1).cost)
    expect(asked(0.02).confidence).toBeGreaterThan(asked(1).confidence)
  })

  it('sees through one wrong verdict among many right ones', () => {
    const episodes = episodesWith(NOISY)
    const wrong = episodes.map((each, i) =>
      verdict(each, each.peak < 1 && i !== 4 ? 'false_positive' : 'true_positive'),
    )
    const { history } = historyOf(entity('a'), episodes, wrong, about)
    expect(changeOf(read(history), 0.8, 0.95).cost).toBeLessThan(-2)
    expect(changeOf(read(history), 0.8, 0.95).confidence).toBeGreaterThan(0.95)
  })

  it('makes misses dearer while the error budget burns', () => {
    const history = judgedWeek('a', NOISY, 1)
    expect(costAt(read(history, 5), 1.6)).toBeGreaterThan(1.5 * costAt(read(history, 1), 1.6))
  })
})

it('pages over the budget are counted by day', () => {
  const day = episodesWith([0.9, 1, 1.1, 1.2, 1.3], 10)
  const next = episodesWith([1.5], 10, 2000)
  const over = pagesOverBudget([...day, ...next], 0, 3)
  expect(over[levelOf(0.9)]).toBe(2)
  expect(over[levelOf(1)]).toBe(1)
  expect(over[levelOf(1.01)]).toBe(0)
})

it('the normal distribution is right to six places', () => {
  for (const [z, p] of [
    [0, 0.5],
    [1, 0.8413447],
    [-1.96, 0.0249979],
    [3, 0.9986501],
  ] as const)
    expect(normalBelow(z)).toBeCloseTo(p, 6)
})

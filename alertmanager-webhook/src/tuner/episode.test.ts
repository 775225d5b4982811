import { describe, expect, it } from 'vitest'
import { episodeAt, episodesOf } from './episode.ts'
import { entity, episodesWith, verdict } from './history.test-data.ts'
import { historyOf } from './history.ts'

const options = { floor: 0.5, gapMinutes: 2 }
const peaks = (severities: readonly number[]) => severities.map((severity, minute) => ({ minute, severity }))

describe('episodes', () => {
  it('join minutes over the floor with short gaps between', () => {
    const found = episodesOf(peaks([0, 0.6, 0.9, 0.1, 0.2, 0.5, 0, 0, 0, 0.7]), options)
    expect(found).toEqual([
      { startMinute: 1, endMinute: 5, peak: 0.9 },
      { startMinute: 9, endMinute: 9, peak: 0.7 },
    ])
  })

  it('are the same in whatever order minutes come, the largest severity of each counts', () => {
    const all = peaks([0.6, 0.9, 0, 0, 0, 0.7])
    const twice = [...all.toReversed(), { minute: 1, severity: 0.2 }]
    expect(episodesOf(twice, options)).toEqual(episodesOf(all, options))
  })

  it('are found by a minute within or just beside', () => {
    const found = episodesOf(peaks([0.6, 0.9, 0, 0, 0, 0.7]), options)
    expect(episodeAt(found, 2, options)).toEqual(found[0])
    expect(episodeAt(found, 4, options)).toEqual(found[1])
    expect(episodeAt(found, 99, options)).toBeUndefined()
  })

  it.each([Number.NaN, 3, -1])('refuse severity %d', (severity) => {
    expect(() => episodesOf([{ minute: 1, severity }])).toThrow(
      expect.objectContaining({ name: 'TunerError' }),
    )
  })
})

describe('histories', () => {
  const about = { initial: 0.8, fromMinute: 0, toMinute: 10_000 }
  const episodes = episodesWith([0.9, 1.2])

  it('take the latest word of each author, in whatever order they came', () => {
    const early = verdict(episodes[0]!, 'false_positive', { givenAtMinute: 100 })
    const late = verdict(episodes[0]!, 'true_positive', { givenAtMinute: 200 })
    const other = verdict(episodes[0]!, 'false_positive', { author: 'bob' })
    const expected = historyOf(entity('a'), episodes, [early, other, late], about)
    expect(expected.history.episodes[0]!.verdicts).toEqual([late, other])
    expect(historyOf(entity('a'), episodes.toReversed(), [late, other, early, late], about)).toEqual(expected)
  })

  it('keep a missed incident that no peak belongs to, and count other verdicts that fit nothing', () => {
    const nowhere = { startMinute: 5000, endMinute: 5000, peak: 0 }
    const missed = verdict(nowhere, 'true_positive', { origin: 'missed' })
    const lost = verdict({ ...nowhere, startMinute: 7000 }, 'false_positive')
    const { history, unmatched } = historyOf(entity('a'), episodes, [missed, lost], about)
    expect(unmatched).toBe(1)
    expect(history.episodes.at(-1)).toEqual({ ...nowhere, verdicts: [missed] })
  })

  it.each([{ weight: 0 }, { weight: 2 }, { propensity: 0 }, { weight: Number.NaN }, { minute: Number.NaN }])(
    'refuse a verdict with %j',
    (more) => {
      const wrong = verdict(episodes[0]!, 'true_positive', more)
      expect(() => historyOf(entity('a'), episodes, [wrong], about)).toThrow(
        expect.objectContaining({ name: 'TunerError' }),
      )
    },
  )
})

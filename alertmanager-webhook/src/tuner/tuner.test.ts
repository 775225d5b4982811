import { describe, expect, it } from 'vitest'
import { overridden, type TuningRecord, thresholdOf, UNTUNED } from './guard/record.ts'
import { entity, episodesWith, judgedWeek, NOISY, verdict } from './history.test-data.ts'
import { type History, historyOf } from './history.ts'
import { Tuner, type TunerOptions } from './tuner.ts'

const WEEK = 7 * 1440
/** Without chance, so that a decision follows from the evidence alone. */
const SURE: TunerOptions = { qLearning: { epsilon: 0 } }
const noisy = judgedWeek('a', NOISY, 1)

function tickOf(
  history: History,
  record: TuningRecord,
  nowMinute: number,
  options: TunerOptions = SURE,
  burn = 0,
) {
  const { records, steps } = new Tuner(options).tick({ nowMinute, cases: [{ history, record, burn }] })
  return { record: records[0]!, steps }
}

describe('a step', () => {
  it('raises one step where alerts are noise, and says why as data and as a sentence', () => {
    const { record, steps } = tickOf(noisy, UNTUNED, WEEK)
    expect(thresholdOf(record, noisy)).toBe(0.85)
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({
      kind: 'made',
      policy: 'q-learning',
      from: 0.8,
      to: 0.85,
      action: 'up',
      state: 'up/strong/calm',
      refusal: null,
      expected: { alertsBefore: 25, judgedNoise: 20, noiseGone: 20, judgedUseful: 5, usefulLost: 0 },
      seen: null,
    })
    expect(steps[0]!.expected.costChange).toBeLessThan(-2)
    expect(steps[0]!.sentence).toBe(
      'raised one step to 0.85: 20 of 25 verdicts were noise; expected 20 of 25 alerts fewer in 7 days, 20 of 20 noise alerts fewer, no useful one lost, once the threshold is at 0.95',
    )
  })

  it('goes on until the noise is gone, and stops under what is useful', () => {
    const tuner = new Tuner(SURE)
    let record = UNTUNED
    for (let tick = 0; tick < 30; tick++) {
      const { records } = tuner.tick({
        nowMinute: WEEK + 360 * tick,
        cases: [{ history: noisy, record, burn: 0 }],
      })
      record = records[0]!
    }
    expect(thresholdOf(record, noisy)).toBeGreaterThan(0.94)
    expect(thresholdOf(record, noisy)).toBeLessThanOrEqual(1.5)
  })

  it('lowers where incidents were missed, and those asked about were useful', () => {
    const peaks = [...Array.from({ length: 12 }, (_, i) => 0.72 + 0.005 * i), 1.5]
    const history = judgedWeek('a', peaks, 0, { origin: 'sampled', propensity: 0.02 })
    const { steps } = tickOf(history, UNTUNED, WEEK)
    expect(steps[0]).toMatchObject({ kind: 'made', action: 'down', from: 0.8, to: 0.75 })
    expect(steps[0]!.sentence).toMatch(/^lowered one step to 0.75: .*alerts more in 7 days/)
  })

  it('does not take an untuned threshold that is not round for one that is to move', () => {
    for (const initial of [0.8437, 0.8461, 0.845]) {
      const useful = { ...judgedWeek('a', [1.5], 0), initial }
      expect(tickOf(useful, UNTUNED, WEEK).steps).toEqual([])
      expect(tickOf({ ...noisy, initial }, UNTUNED, WEEK).steps).toMatchObject([
        { kind: 'made', action: 'up' },
      ])
    }
  })

  it('counts verdicts that were given after a decision, in the same minute too, and decides once in a minute', () => {
    const options = { ...SURE, cadence: { verdicts: 2, hours: 6, when: 'either' } } as const
    /** One episode was judged at each of these seconds of the last minute. */
    const judgedAt = (...seconds: number[]): History => {
      const episodes = episodesWith(NOISY.slice(0, seconds.length))
      const verdicts = episodes.map((one, at) =>
        verdict(one, 'false_positive', { givenAtMinute: WEEK + seconds[at]! / 60 }),
      )
      const { initial, fromMinute, toMinute } = noisy
      return historyOf(entity('a'), episodes, verdicts, { initial, fromMinute, toMinute }).history
    }
    const { record } = tickOf(judgedAt(1), UNTUNED, WEEK + 5 / 60, options)
    expect(record.lastMinute).toBe(WEEK + 5 / 60)
    const look = (history: History, second: number) =>
      tickOf(history, record, WEEK + second / 60, options).record
    expect(look(judgedAt(1, 20, 30), 40)).toBe(record)
    expect(look(judgedAt(1, 20), 60)).toBe(record)
    expect(look(judgedAt(1, 20, 30), 60).lastMinute).toBe(WEEK + 1)
  })

  it('moves nothing where nobody has judged anything', () => {
    const quiet = judgedWeek('a', [], 1)
    expect(tickOf(quiet, UNTUNED, WEEK)).toEqual({ record: { ...UNTUNED, lastMinute: WEEK }, steps: [] })
  })

  it('learns from others of its kind only', () => {
    const silent = historyOf(entity('b'), episodesWith(NOISY.slice(0, 3)), [], {
      initial: 0.8,
      fromMinute: 0,
      toMinute: WEEK,
    }).history
    const stepsWith = (kind: string) => {
      const others = ['a', 'c', 'd'].map((id) => judgedWeek(id, NOISY, 1))
      const cases = [silent, ...others.map((one) => ({ ...one, entity: { ...one.entity, kind } }))]
      const { steps } = new Tuner(SURE).tick({
        nowMinute: WEEK,
        cases: cases.map((history) => ({ history, record: UNTUNED, burn: 0 })),
      })
      return steps.filter((step) => step.entity.id === 'b' && step.kind === 'made')
    }
    expect(stepsWith('service')).toHaveLength(1)
    expect(stepsWith('service')[0]!.sentence).toContain('others of its kind speak for it')
    expect(stepsWith('database')).toHaveLength(0)
  })

  it('is the same when a tick is repeated from what was stored', () => {
    const first = new Tuner({ qLearning: { epsilon: 0.5 } })
    const saved = first.save()
    const input = { nowMinute: WEEK, cases: [{ history: noisy, record: UNTUNED, burn: 0 }] }
    expect(new Tuner({ qLearning: { epsilon: 0.5 } }, saved).tick(input)).toEqual(first.tick(input))
  })
})

describe('guardrails', () => {
  it('wait for six hours or twenty verdicts', () => {
    const made = tickOf(noisy, UNTUNED, WEEK).record
    expect(tickOf(noisy, made, WEEK + 359).steps).toEqual([])
    expect(tickOf(noisy, made, WEEK + 360).steps).toHaveLength(1)
    const more = (count: number) => {
      const episodes = episodesWith(NOISY)
      const verdicts = episodes.map((each, i) =>
        verdict(each, each.peak < 1 ? 'false_positive' : 'true_positive', {
          givenAtMinute: i < count ? WEEK + 5 : WEEK - 5,
        }),
      )
      const about = { initial: 0.8, fromMinute: 0, toMinute: WEEK }
      return historyOf(entity('a'), episodes, verdicts, about).history
    }
    const rollback = { afterHours: 1000, afterVerdicts: 1000, sure: 0.8, short: 0.02, holdDays: 3 }
    expect(tickOf(more(19), made, WEEK + 10, { ...SURE, rollback }).steps).toEqual([])
    expect(tickOf(more(20), made, WEEK + 10, { ...SURE, rollback }).steps).toHaveLength(1)
    const both = { verdicts: 20, hours: 6, when: 'both' } as const
    expect(tickOf(more(20), made, WEEK + 10, { ...SURE, rollback, cadence: both }).steps).toEqual([])
    expect(tickOf(more(19), made, WEEK + 400, { ...SURE, rollback, cadence: both }).steps).toEqual([])
  })

  it('refuse what replay shows to be worse, and what is not sure enough', () => {
    const useful = judgedWeek('a', NOISY, 0)
    const spot = new Tuner({ policy: 'spot', spot: { initial: 10, q: 0.01 } })
    const minutes = Array.from({ length: 400 }, (_, minute) => ({
      minute,
      severity: 0.9 + 0.001 * (minute % 100),
    }))
    spot.observe(useful.entity, minutes)
    const { records, steps } = spot.tick({
      nowMinute: WEEK,
      cases: [{ history: useful, record: UNTUNED, burn: 0 }],
    })
    expect(steps[0]).toMatchObject({ kind: 'refused', refusal: 'replay_worse', action: 'up' })
    expect(steps[0]!.sentence).toBe(
      'stays at 0.8, did not raise it to 0.85: replayed over what is stored it would have cost more',
    )
    expect(thresholdOf(records[0]!, useful)).toBe(0.8)
    const unsure = tickOf(judgedWeek('a', [0.85, 0.86, 1.5], 1), UNTUNED, WEEK, {
      ...SURE,
      confidence: 0.999,
    })
    expect(unsure.steps[0]).toMatchObject({ kind: 'refused', refusal: 'too_little_known' })
  })

  it('undo a step that came out worse than promised, hold back, and tell what was seen', () => {
    const { record } = tickOf(noisy, UNTUNED, WEEK)
    const after = WEEK + 60
    const old = episodesWith(NOISY)
    const fresh = episodesWith(
      Array.from({ length: 16 }, (_, i) => 0.8 + 0.0005 * i),
      60,
      after,
    )
    const verdicts = [
      ...old.map((each) => verdict(each, each.peak < 1 ? 'false_positive' : 'true_positive')),
      ...fresh.map((each) => verdict(each, 'true_positive', { origin: 'missed' })),
      ...fresh.map((each) =>
        verdict(each, 'true_positive', { author: 'bob', origin: 'sampled', propensity: 0.1 }),
      ),
    ]
    const now = WEEK + 1500
    const about = { initial: 0.8, fromMinute: 0, toMinute: now }
    const { history } = historyOf(entity('a'), [...old, ...fresh], verdicts, about)
    const undone = tickOf(history, record, now)
    expect(undone.steps.map(({ kind }) => kind)).toEqual(['made', 'rolled_back'])
    expect(undone.steps[0]).toMatchObject({ from: 0.8, to: 0.85, atMinute: WEEK, seen: { usefulLost: 16 } })
    expect(undone.steps[1]).toMatchObject({ from: 0.85, to: 0.8 })
    expect(undone.steps[1]!.sentence).toContain('went back to 0.8: since the step to 0.85')
    expect(undone.steps[1]!.sentence).toContain('16 of 16 useful ones lost')
    expect(thresholdOf(undone.record, history)).toBe(0.8)
    const again = tickOf(noisy, undone.record, now + 400)
    expect(again.steps[0]).toMatchObject({ kind: 'refused', refusal: 'held_back' })
    const later = tickOf(noisy, undone.record, now + 3 * 1440 + 1)
    expect(later.steps[0]).toMatchObject({ kind: 'made', to: 0.85 })
  })

  it('tell later what a step came to when it was right', () => {
    const { record } = tickOf(noisy, UNTUNED, WEEK)
    const { steps, record: closed } = tickOf(noisy, record, WEEK + 1440)
    expect(steps[0]).toMatchObject({ kind: 'made', atMinute: WEEK, seen: { alertsBefore: 0 } })
    expect(closed.open?.atMinute).toBe(WEEK + 1440)
  })

  it('make nothing in a dry run but tell it, and nothing at all when frozen', () => {
    const dry = tickOf(noisy, UNTUNED, WEEK, { ...SURE, dryRun: true })
    expect(dry.steps[0]).toMatchObject({ kind: 'dry_run', from: 0.8, to: 0.85 })
    expect(dry.steps[0]!.sentence).toMatch(/^would raise one step to 0.85/)
    expect(thresholdOf(dry.record, noisy)).toBe(0.8)
    expect(tickOf(noisy, UNTUNED, WEEK, { ...SURE, frozen: true })).toEqual({ record: UNTUNED, steps: [] })
  })

  it('let an override win until it is lifted', () => {
    const tuned = tickOf(noisy, UNTUNED, WEEK).record
    const set = overridden(tuned, 1.234)
    expect(thresholdOf(set, noisy)).toBe(1.23)
    expect(tickOf(noisy, set, WEEK + 5000)).toEqual({ record: set, steps: [] })
    expect(thresholdOf(overridden(set, null), noisy)).toBe(0.85)
    expect(() => overridden(tuned, Number.NaN)).toThrow(expect.objectContaining({ code: 'not_finite' }))
    expect(() => overridden(tuned, 2.1)).toThrow(expect.objectContaining({ code: 'out_of_range' }))
  })

  it('keep within bounds that are set', () => {
    const bounds = { below: 0, lowest: 0.5, highest: 0.87 }
    let { record } = tickOf(noisy, UNTUNED, WEEK, { ...SURE, bounds })
    for (let k = 1; k < 9; k++) record = tickOf(noisy, record, WEEK + 400 * k, { ...SURE, bounds }).record
    expect(thresholdOf(record, noisy)).toBeLessThanOrEqual(0.87)
  })
})

it('a burning error budget makes it raise less and lower more', () => {
  const mixed = judgedWeek(
    'a',
    [0.85, 0.86, 0.87, 0.88, 0.89, 0.9, 1.5].flatMap((peak) => [peak, peak + 0.01]),
    0.88,
  )
  const calm = tickOf(mixed, UNTUNED, WEEK).steps[0]!
  const burning = tickOf(mixed, UNTUNED, WEEK, SURE, 10).steps[0]
  expect(calm).toMatchObject({ kind: 'made', action: 'up', state: expect.stringContaining('calm') })
  expect(burning?.expected.costChange ?? 0).toBeGreaterThan(calm.expected.costChange)
  expect(burning?.state ?? 'burning').toContain('burning')
})

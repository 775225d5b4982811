import { TunedEntity, TunerPool } from '@adf/contract/feedback'
import { expect, test } from 'vitest'
import { Processor } from '../processor/processor.ts'
import { UNTUNED } from '../tuner/guard/record.ts'
import { entity, episodesWith, judgedWeek, NOISY, verdict } from '../tuner/history.test-data.ts'
import { type History, historyOf } from '../tuner/history.ts'
import { Tuner } from '../tuner/tuner.ts'
import { NEW_ENTITY } from './entity-state.ts'
import { NOTHING_SAID } from './histories.ts'
import type { Looked } from './tuning.ts'
import { tunedEntity, tunerPool, valuesOf } from './views.ts'

const WEEK = 7 * 1440
const processor = new Processor({ url: 'http://127.0.0.1:1', timeoutMs: 1000 })
/** Of 25 judged alerts in a week the five most severe were useful. */
const noisy = judgedWeek('cart-1', NOISY, 1)

function looked(history: History = noisy, more: Partial<Looked> = {}): Looked {
  return {
    place: { stream: 'service', entityId: history.entity.id, service: 'cart', initial: 0.8, processor },
    history,
    said: NOTHING_SAID,
    fresh: [],
    state: NEW_ENTITY,
    threshold: 0.8,
    heldBy: 'initial',
    frozen: false,
    ...more,
  }
}

test('an entity: what its alerts were worth, and when it may move', () => {
  const view = tunedEntity(looked())
  expect(TunedEntity.parse(view)).toEqual(view)
  expect(view).toMatchObject({
    stream: 'service',
    entity_id: 'cart-1',
    threshold: 0.8,
    initial_threshold: 0.8,
    held_by: 'initial',
    verdicts: 25,
    until_next_step: 0,
    not_before: null,
    recall: null,
    text: 'Untuned: 20 % of its judged alerts were useful, 3.6 alerts a day at 0.8.',
  })
  // Wilson's interval of 5 of 25.
  for (const [at, value] of [0.0886, 0.2, 0.3913].entries())
    expect(view.precision?.[at]).toBeCloseTo(value, 4)
  expect(view.alerts_per_day).toBeCloseTo(25 / 7)
})

test('after a decision the next one waits for verdicts, or hours', () => {
  const state = { ...NEW_ENTITY, record: { ...UNTUNED, lastMinute: 5000 } }
  // Eleven of the verdicts were given since.
  expect(tunedEntity(looked(noisy, { state }))).toMatchObject({
    until_next_step: 9,
    not_before: '1970-01-04T17:20:00.000Z',
  })
  expect(tunedEntity(looked(noisy, { state }), { verdicts: 5, hours: 1, when: 'either' })).toMatchObject({
    until_next_step: 0,
    not_before: '1970-01-04T12:20:00.000Z',
  })
})

test('recall: an answer to a question stands for as many as were not asked', () => {
  const fired = episodesWith([1.5, 1.6, 1.7, 1.8, 1.9])
  const quiet = episodesWith([0.6, 0.7], 360, 5000)
  const [wrong, fine] = quiet
  if (wrong === undefined || fine === undefined) throw new Error('two episodes')
  const { history } = historyOf(
    entity('cart-1'),
    [...fired, ...quiet],
    [
      ...fired.map((one) => verdict(one, 'true_positive')),
      verdict(wrong, 'true_positive', { author: 'question', origin: 'sampled', propensity: 0.1 }),
      verdict(fine, 'false_positive', { author: 'question', origin: 'sampled', propensity: 0.1 }),
    ],
    { initial: 0.8, fromMinute: 0, toMinute: WEEK },
  )
  const { precision, recall } = tunedEntity(looked(history))
  expect(precision?.[1]).toBe(1)
  expect(recall?.[1]).toBeCloseTo(5 / 15)
})

test.each([
  [{ heldBy: 'operator' }, 'An operator holds this threshold; the tuner does not touch it'],
  [{ frozen: true }, 'Frozen: the tuner does not touch it'],
  [{ heldBy: 'tuner' }, 'Tuned'],
  [
    { state: { ...NEW_ENTITY, pending: { stepId: 'a', ifVersion: 0, before: { tuned: null } } } },
    'A step is on its way to the processor',
  ],
] as const)('says why it stands still: %j', (more, words) => {
  expect(tunedEntity(looked(noisy, more)).text).toContain(`${words}: `)
})

test('an entity of which nobody said anything', () => {
  const { history } = historyOf(entity('a'), [], [], { initial: 0.8, fromMinute: 0, toMinute: WEEK })
  expect(tunedEntity(looked(history))).toMatchObject({
    precision: null,
    recall: null,
    verdicts: 0,
    alerts_per_day: 0,
    text: 'Untuned: nobody has judged its alerts yet, 0.0 alerts a day at 0.8.',
  })
})

test('a stream: all its entities together, beside its budget', () => {
  const quiet = judgedWeek('cart-2', [0.9], 1)
  const settings = { values: {}, budget: 3, frozen: true }
  const pool = tunerPool('service', [looked(), looked(quiet)], settings)
  expect(TunerPool.parse(pool)).toEqual(pool)
  expect(pool).toMatchObject({
    stream: 'service',
    entities: 2,
    verdicts: 26,
    state: '19 % of judged alerts were useful',
    budget_per_day: 6,
    frozen: true,
  })
  expect(pool.alerts_per_day).toBeCloseTo(26 / 7)
  expect(tunerPool('service', [], settings)).toMatchObject({ entities: 0, state: 'nothing was judged yet' })
})

test('what the learner expects is told in words, of its own kind alone', () => {
  const tuner = new Tuner({ qLearning: { epsilon: 0 } })
  tuner.tick({ nowMinute: WEEK, cases: [{ history: noisy, record: UNTUNED, burn: 0 }] })
  const values = valuesOf(tuner.save(), 'service')
  expect(Object.keys(values)).toHaveLength(12)
  const sure = values['noise pulls it up, surely, no burn']
  expect(Object.keys(sure ?? {}).toSorted()).toEqual(['down', 'none', 'up'])
  expect(sure?.['up']).toBeGreaterThan(sure?.['none'] ?? Number.NaN)
  expect(valuesOf(tuner.save(), 'host')).toEqual({})
  expect(valuesOf(new Tuner({ policy: 'static' }).save(), 'service')).toEqual({})
  expect(valuesOf(null, 'service')).toEqual({})
})

import { createLogger } from '@adf/service'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Processor } from '../processor/processor.ts'
import type { FollowedVerdict } from '../store/feedback-store.ts'
import { sampleMissed, sampleQuestion, sampleWord } from '../store/sample.test-data.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { objectiveBurning } from '../testing/objective.test-data.ts'
import { startProcessor, type TestProcessor } from '../testing/test-processor.ts'
import { TuningMetrics } from './metrics.ts'
import { Tuning, type TuningOptions } from './tuning.ts'
import { tryThreshold } from './what-if.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const NOW = Date.parse('2026-03-08T03:00:00Z')
const STREAM = 'sensors'
const BOILER = 'boiler'
const INITIAL = 0.8
const LEASE_MS = 60_000

/** Twenty false alerts just over the threshold, five useful ones far over it. */
const PEAKS = [...Array.from({ length: 20 }, (_, n) => 0.85 + 0.01 * (n % 10)), 1.5, 1.6, 1.7, 1.8, 1.9]
const startOf = (n: number) => NOW - WEEK + HOUR + n * 6 * HOUR

let nowMs = NOW
let store: Store
let far: TestProcessor
const open: { close(): Promise<void> }[] = []

beforeEach(async () => {
  nowMs = NOW
  store = await openSqliteStore({ path: ':memory:' })
  far = await startProcessor({ stream: STREAM, entityId: BOILER, initial: INITIAL, service: 'heating' })
  far.severities = new Map(
    PEAKS.flatMap((peak, n) => [0, 1, 2].map((more) => [startOf(n) / MINUTE + more, peak] as const)),
  )
  await judge(PEAKS.map((_, n) => n))
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await far.stop()
  await store.close()
})

/** What was said of alerts, as the processor's log of verdicts tells it. */
async function judge(which: readonly number[], author = 'ann', atMs = nowMs - 5 * MINUTE): Promise<void> {
  const entries = which.map((n): FollowedVerdict => {
    const severity = PEAKS[n] ?? 0
    return {
      word: {
        id: `word-${author}-${n}-${atMs}`,
        incidentId: `incident-${n}`,
        verdict: severity < 1 ? 'false_positive' : 'true_positive',
        cause: undefined,
        note: undefined,
        author,
        channel: 'processor',
        weight: 1,
        givenMs: atMs,
        deliver: false,
        processor: far.url,
        processorVerdictId: `verdict-${author}-${n}-${atMs}`,
      },
      withdrawn: false,
      episodes: [
        {
          stream: STREAM,
          entityId: BOILER,
          fromMs: startOf(n),
          toMs: startOf(n) + 3 * MINUTE,
          severity,
          threshold: INITIAL,
        },
      ],
    }
  })
  await store.feedback.follow(far.url, (await store.feedback.cursor(far.url)) + entries.length, entries)
}

/** Useful episodes of the last day that nobody was alerted of, an hour apart: reported, and asked about and answered. */
async function miss(severity: number, count: number): Promise<void> {
  const scored = new Map(far.severities)
  for (let n = 0; n < count; n++) {
    const atMs = nowMs - 24 * HOUR + n * HOUR
    const from = new Date(atMs).toISOString()
    const to = new Date(atMs + 3 * MINUTE).toISOString()
    const entity = { stream: STREAM, entity_id: BOILER, severity }
    for (const more of [0, 1, 2]) scored.set(atMs / MINUTE + more, severity)
    await store.missed.report(sampleMissed(n, { started_at: from, ended_at: to, entities: [entity] }), [])
    const question = sampleQuestion(n, { ...entity, from, to, probability: 0.1 })
    await store.questions.ask(question, nowMs + DAY, count)
    const answer = sampleWord(n, { questionId: question.id, verdict: 'true_positive', givenMs: nowMs })
    await store.feedback.give(answer, undefined, [])
  }
  far.severities = scored
}

let processes = 0

/** The tuning of a process that starts now. */
function startTuning(options: Partial<TuningOptions> = {}) {
  const processor = new Processor({ url: far.url, timeoutMs: 10_000 })
  open.push(processor)
  const tuning = new Tuning({
    processors: [processor],
    store,
    tuner: { qLearning: { epsilon: 0 } },
    memoryMs: 30 * DAY,
    mostEntities: 10,
    leaseMs: LEASE_MS,
    holder: `process ${processes++}`,
    clock: () => nowMs,
    metrics: new TuningMetrics(new Registry()),
    log: createLogger({ name: 'test', level: 'silent' }),
    ...options,
  })
  return { tuning, processor, look: () => tuning.round(new AbortController().signal) }
}

/** One after a process that ended without a word: its lease has run out. */
function startNext(options: Partial<TuningOptions> = {}) {
  nowMs += LEASE_MS + 1
  return startTuning(options)
}

const steps = async () => (await store.tuner.steps({ limit: 50 })).items
const audited = async () => (await store.audit.page({ limit: 50 })).items.map(({ action }) => action)

describe('a step', () => {
  test('is made at the processor, once, and stored with its version and its reason', async () => {
    const { look, tuning } = startTuning()
    await look()
    await look()
    const [step, ...others] = await steps()
    expect(others).toEqual([])
    expect(step).toMatchObject({ action: 'raise', from: 0.8, to: 0.85, outcome: 'applied', version: 1 })
    expect(step?.text).toMatch(/^Raised one step to 0\.85: 20 of 25 verdicts were noise/)
    expect(far.puts).toEqual([
      {
        stream: STREAM,
        entity_id: BOILER,
        value: 0.85,
        source: 'tuner',
        reason: step?.text,
        if_version: 0,
      },
    ])
    expect(tuning.looked).toMatchObject([{ threshold: 0.85, heldBy: 'tuner', frozen: false }])
    expect(await audited()).toEqual(['threshold.stepped', 'step.decided'])
  })

  test('of an entity whose severities are not kept follows from what was said', async () => {
    far.severities = undefined
    await startTuning().look()
    expect(await steps()).toMatchObject([{ to: 0.85, outcome: 'applied' }])
  })

  test('is not made twice by two replicas', async () => {
    const [one, other] = [startTuning(), startTuning()]
    await one.look()
    await other.look()
    expect(other.tuning.looked).toEqual([])
    nowMs += LEASE_MS + 1
    await other.look()
    expect(other.tuning.looked).toHaveLength(1)
    await one.look()
    expect(one.tuning.looked).toEqual([])
    expect(far.changes).toHaveLength(1)
    expect(await steps()).toHaveLength(1)
  })
})

describe('a process that ends between the stored step and the PUT', () => {
  test.each(['lose_request', 'lose_answer', 'refuse'] as const)(
    '(%s) leaves a step that the next one brings into effect once',
    async (weather) => {
      far.weather = weather
      await startTuning().look()
      expect(await steps()).toMatchObject([{ outcome: 'pending', version: null }])

      far.weather = 'work'
      const { look, tuning } = startNext()
      await look()
      await look()
      expect(far.changes).toMatchObject([{ version: 1, to: 0.85, source: 'tuner' }])
      expect(await steps()).toMatchObject([{ outcome: 'applied', version: 1, to: 0.85 }])
      expect(tuning.looked).toMatchObject([{ threshold: 0.85, state: { pending: null } }])
      expect((await audited()).filter((action) => action === 'threshold.stepped')).toHaveLength(1)
    },
  )

  test('decides nothing more while it is not known what came of the step', async () => {
    far.weather = 'lose_answer'
    const { look, tuning } = startTuning()
    await look()
    nowMs += 7 * HOUR
    far.weather = 'refuse'
    await look()
    expect(await steps()).toHaveLength(1)
    expect(tuning.looked).toMatchObject([{ state: { pending: { ifVersion: 0 } } }])
    expect(far.changes).toHaveLength(1)
  })

  test('is cut off in the middle of the PUT', async () => {
    const ending = new AbortController()
    far.asked = (what) => {
      if (what === 'PUT /api/thresholds') ending.abort(new Error('killed'))
    }
    await expect(startTuning().tuning.round(ending.signal)).rejects.toThrow('killed')
    far.asked = () => {}
    await startNext().look()
    expect(far.changes).toHaveLength(1)
    expect(await steps()).toMatchObject([{ outcome: 'applied', version: 1 }])
  })
})

test('a process that stops in the middle of a look gives its lease back: the next one need not wait', async () => {
  const ending = new AbortController()
  far.asked = () => ending.abort(new Error('stopped'))
  const { tuning } = startTuning()
  await expect(tuning.round(ending.signal)).rejects.toThrow('stopped')
  await tuning.release()
  far.asked = () => {}
  await startTuning().look()
  expect(await steps()).toMatchObject([{ outcome: 'applied' }])
})

describe('an operator', () => {
  test('who set and lifted a threshold meanwhile leaves it as it was: the step is made', async () => {
    far.weather = 'lose_request'
    await startTuning().look()
    far.weather = 'work'
    far.set(1.2)
    far.set(null)
    const { look, tuning } = startNext()
    await look()
    expect(await steps()).toMatchObject([{ outcome: 'applied', version: 3 }])
    expect(tuning.looked).toMatchObject([{ heldBy: 'tuner' }])
  })

  test('who holds the threshold wins: it is left alone until it is lifted', async () => {
    far.set(0.95)
    const { look, tuning } = startTuning()
    await look()
    expect(await steps()).toEqual([])
    expect(far.puts).toEqual([])
    expect(tuning.looked).toMatchObject([{ threshold: 0.95, heldBy: 'operator' }])
    far.set(null)
    await look()
    expect(await steps()).toMatchObject([{ from: 0.8, to: 0.85, outcome: 'applied', version: 3 }])
  })

  test('who takes hold while a step is on its way wins: the step is refused, with the reason', async () => {
    far.asked = (what) => {
      if (what === 'PUT /api/thresholds' && far.changes.length === 0) far.set(0.95)
    }
    const { look, tuning } = startTuning()
    await look()
    await look()
    const [step] = await steps()
    expect(step).toMatchObject({ outcome: 'refused', version: null })
    expect(step?.text).toContain('Not made: an operator holds the threshold.')
    expect(far.changes).toHaveLength(1)
    expect(tuning.looked).toMatchObject([
      { threshold: 0.95, state: { pending: null, record: { open: null } } },
    ])
  })

  test('who takes hold after a step whose answer was lost: it was in effect, and is told so', async () => {
    far.weather = 'lose_answer'
    await startTuning().look()
    far.weather = 'work'
    far.set(0.95)
    const { look, tuning } = startNext()
    await look()
    await look()
    expect(await steps()).toMatchObject([{ outcome: 'applied', version: 1 }])
    expect(tuning.looked).toMatchObject([
      { threshold: 0.95, heldBy: 'operator', state: { record: { tuned: 0.85, override: 0.95 } } },
    ])
  })

  test('who rolls a step back freezes the entity, until it is let go on', async () => {
    const { look, tuning } = startTuning()
    await look()
    far.rollBack()
    nowMs += 7 * HOUR
    await look()
    await look()
    expect(tuning.looked).toMatchObject([{ threshold: 0.8, heldBy: 'initial', frozen: true }])
    expect(await store.tuner.freezes()).toMatchObject([{ stream: STREAM, entityId: BOILER, by: 'ann' }])
    expect(await steps()).toHaveLength(1)
    await store.tuner.unfreeze({ stream: STREAM, entityId: BOILER }, [])
    nowMs += 7 * HOUR
    const next = startNext()
    await next.look()
    expect(await store.tuner.freezes()).toEqual([])
    expect(await steps()).toMatchObject([{ from: 0.8, to: 0.85, outcome: 'applied' }, { version: 1 }])
  })
})

describe('a rollback of a step that made it worse', () => {
  const made = async () => (await steps()).find(({ action }) => action === 'raise')
  const back = async () => (await steps()).filter(({ action }) => action === 'rollback')

  /** The step is made, and then everything that it silenced turns out to have been useful. */
  async function regret() {
    const started = startTuning()
    await started.look()
    nowMs += 25 * HOUR
    await miss(0.82, 16)
    return started
  }

  test('is made, and only then is the step told to be taken back', async () => {
    const { look, tuning } = await regret()
    far.weather = 'refuse'
    await look()
    expect(await back()).toMatchObject([{ outcome: 'pending', from: 0.85, to: 0.8 }])
    expect(await made()).toMatchObject({ outcome: 'applied', version: 1, seen: { missed: 16 } })
    far.weather = 'work'
    await look()
    expect(await back()).toMatchObject([{ outcome: 'applied', version: 2 }])
    expect(await made()).toMatchObject({ outcome: 'rolled_back', version: 1, seen: { missed: 16 } })
    expect(tuning.looked).toMatchObject([
      {
        threshold: 0.8,
        state: { pending: null, record: { tuned: 0.8, open: null, held: { action: 'up' } } },
      },
    ])
    expect(far.changes).toMatchObject([{ to: 0.85 }, { to: 0.8, source: 'tuner' }])
  })

  test('is made once when its answer is lost and the process ends', async () => {
    const { look } = await regret()
    far.weather = 'lose_answer'
    await look()
    expect(await made()).toMatchObject({ outcome: 'applied' })
    far.weather = 'work'
    await startNext().look()
    expect(await back()).toMatchObject([{ outcome: 'applied', version: 2 }])
    expect(await made()).toMatchObject({ outcome: 'rolled_back' })
    expect(far.changes).toHaveLength(2)
  })

  test.each([
    ['an operator took hold', () => far.set(1.1), 'an operator holds the threshold', 1.1],
    ['the version is another', () => far.tune(0.9), 'tuner changed the threshold meanwhile', 0.9],
  ])(
    'is refused when %s: the step stays applied, and is not judged any more',
    async (_, meddle, why, now) => {
      const { look, tuning } = await regret()
      far.asked = (what) => {
        if (what === 'PUT /api/thresholds' && far.changes.length === 1) meddle()
      }
      await look()
      await look()
      const [rollback, ...others] = await back()
      expect(others).toEqual([])
      expect(rollback).toMatchObject({ outcome: 'refused', version: null })
      expect(rollback?.text).toContain(`Not made: ${why}.`)
      expect(await made()).toMatchObject({ outcome: 'applied', version: 1, seen: { missed: 16 } })
      expect(tuning.looked).toMatchObject([
        { threshold: now, state: { pending: null, record: { open: null } } },
      ])
      expect(far.changes).toHaveLength(2)
    },
  )

  test('that was frozen on its way is thought of again when the freeze ends', async () => {
    const { look } = await regret()
    far.asked = async (what) => {
      if (what === 'GET /api/slo')
        await store.tuner.freeze(
          { stream: STREAM, entityId: undefined, reason: undefined, by: 'ann', sinceMs: nowMs },
          [],
        )
    }
    await look()
    expect(await back()).toMatchObject([{ outcome: 'refused' }])
    expect(await made()).toMatchObject({ outcome: 'applied' })
    far.asked = () => {}
    await store.tuner.unfreeze({ stream: STREAM, entityId: undefined }, [])
    nowMs += MINUTE
    await look()
    expect(await back()).toMatchObject([{ outcome: 'applied', version: 2 }, { outcome: 'refused' }])
    expect(await made()).toMatchObject({ outcome: 'rolled_back' })
  })
})

describe('another tuner', () => {
  test('that was faster is a conflict: the step is refused, with who it was', async () => {
    far.weather = 'lose_request'
    await startTuning().look()
    far.weather = 'work'
    const other = new Processor({ url: far.url, timeoutMs: 10_000 })
    open.push(other)
    await other.setThreshold({
      stream: STREAM,
      entity_id: BOILER,
      value: 0.7,
      source: 'tuner',
      reason: 'another database',
    })
    const { look, tuning } = startNext()
    await look()
    const [step] = await steps()
    expect(step).toMatchObject({ outcome: 'refused', version: null })
    expect(step?.text).toContain('Not made: tuner changed the threshold meanwhile.')
    await look()
    expect(tuning.looked).toMatchObject([{ threshold: 0.7, state: { record: { tuned: 0.7, open: null } } }])
    expect(far.changes).toHaveLength(1)
  })
})

describe('a freeze', () => {
  test.each([
    ['everything', undefined, undefined],
    ['the stream', STREAM, undefined],
    ['the entity', STREAM, BOILER],
  ] as const)('of %s moves nothing until it ends', async (_, stream, entityId) => {
    await store.tuner.freeze({ stream, entityId, reason: undefined, by: 'ann', sinceMs: nowMs }, [])
    const { look, tuning } = startTuning()
    await look()
    expect(await steps()).toEqual([])
    expect(tuning.looked).toMatchObject([{ frozen: true }])
    await store.tuner.unfreeze({ stream, entityId }, [])
    await look()
    expect(await steps()).toMatchObject([{ outcome: 'applied' }])
  })

  test('that comes while a step is decided on keeps it from being made', async () => {
    far.asked = async (what) => {
      if (what === 'GET /api/slo')
        await store.tuner.freeze(
          { stream: STREAM, entityId: undefined, reason: undefined, by: 'ann', sinceMs: nowMs },
          [],
        )
    }
    const { look } = startTuning()
    await look()
    expect(far.puts).toEqual([])
    const [step] = await steps()
    expect(step?.outcome).toBe('refused')
    expect(step?.text).toContain('Not made: it was frozen before it was in effect.')
  })

  test('after a step that is in effect already tells it so', async () => {
    far.weather = 'lose_answer'
    await startTuning().look()
    far.weather = 'work'
    await store.tuner.freeze(
      { stream: undefined, entityId: undefined, reason: undefined, by: 'ann', sinceMs: nowMs },
      [],
    )
    await startNext().look()
    expect(await steps()).toMatchObject([{ outcome: 'applied', version: 1 }])
    expect(far.puts).toHaveLength(1)
  })
})

test('a dry run tells the step, and the processor hears nothing of it', async () => {
  const { look, tuning } = startTuning({ tuner: { qLearning: { epsilon: 0 }, dryRun: true } })
  await look()
  await look()
  const [step, ...others] = await steps()
  expect(others).toEqual([])
  expect(step).toMatchObject({ outcome: 'dry_run', from: 0.8, to: 0.85, version: null })
  expect(step?.text).toMatch(/^Would raise one step to 0\.85/)
  expect(far.puts).toEqual([])
  expect(tuning.looked).toMatchObject([{ threshold: 0.8, heldBy: 'initial' }])
})

test('a processor that is away keeps its thresholds, and it is said', async () => {
  const { look, tuning } = startTuning()
  await far.stop()
  await look()
  expect(tuning.problems).toHaveLength(1)
  expect(tuning.problems[0]).toContain('its thresholds stay as they are')
  expect(await steps()).toEqual([])
})

test.each([
  ['burns', 15, 'the error budget burns'],
  ['burns slower than it may', 0.9, 'no burn'],
])('the error budget that %s is part of the state', async (_, rate, words) => {
  far.objectives = [objectiveBurning('heating', { '5m': rate, '1h': rate })]
  await startTuning().look()
  expect((await steps())[0]?.state).toContain(words)
})

describe('what if', () => {
  const tried = (request: { threshold: number; entity_id?: string; from?: string; to?: string }) => {
    const { processor } = startTuning()
    return tryThreshold(
      { processors: [processor], store, memoryMs: 30 * DAY, mostEntities: 10, clock: () => nowMs },
      { stream: STREAM, entity_id: BOILER, ...request },
      new AbortController().signal,
    )
  }

  test('tells the alerts of another threshold, by what was said of them', async () => {
    const { current, candidate, episodes, text } = await tried({ threshold: 1 })
    expect(current).toMatchObject({ alerts: 25, useful: 5, noise: 20 })
    expect(candidate).toMatchObject({ alerts: 5, useful: 5, noise: 0, missed: 0 })
    expect(episodes).toHaveLength(25)
    expect(episodes.filter(({ would_fire }) => would_fire)).toHaveLength(5)
    expect(text).toBe('At 1: 5 alerts instead of 25. Of 5 judged useful 5 stay, of 20 judged noise 20 go.')
    expect(far.puts).toEqual([])
  })

  test('begins from the threshold in force', async () => {
    far.set(0.9)
    expect((await tried({ threshold: 0.8 })).current).toMatchObject({ alerts: 15, noise: 10 })
  })

  test('says what is wrong with a question', async () => {
    const at = (ms: number) => new Date(ms).toISOString()
    await expect(tried({ threshold: 1, entity_id: 'none' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(tried({ threshold: 1, from: at(nowMs), to: at(nowMs - 1) })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await expect(tried({ threshold: 1, from: at(nowMs - 9 * DAY) })).rejects.toMatchObject({
      code: 'invalid_request',
    })
    await far.stop()
    await expect(tried({ threshold: 1 })).rejects.toMatchObject({ code: 'not_ready' })
  })
})

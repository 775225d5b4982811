import { describe, expect, test } from 'vitest'
import type { NewWord } from './feedback-store.ts'
import {
  alertId,
  line,
  MINUTE,
  notification,
  ourAlert,
  START,
  sampleAlert,
  sampleMissed,
  sampleQuestion,
  sampleWord,
  wordId,
} from './sample.test-data.ts'
import type { Store } from './store.ts'

/** The part of the store contract that is about what operators said. */
export function feedbackContract(store: () => Store, reopen: () => Promise<Store>): void {
  const give = (n: number, more: Partial<NewWord>) =>
    store().feedback.give(sampleWord(n, more), undefined, [])
  const verdictOf = async (n: number) => (await store().alerts.get(alertId(n)))?.verdict
  const on = { alertId: alertId(1) }
  const told = { ...on, incidentId: 'incident-1' }

  describe('words', () => {
    test('are kept with their history: one stands for each target and author', async () => {
      await store().alerts.notified(notification(sampleAlert(1)), START)
      expect(await give(1, on)).toMatchObject({ kind: 'given', previous: undefined })
      expect(await give(2, { ...on, id: wordId(7) })).toMatchObject({
        kind: 'same',
        feedback: { id: wordId(1) },
      })
      expect(await give(3, { ...on, verdict: 'false_positive' })).toMatchObject({
        kind: 'given',
        previous: 'true_positive',
      })
      const again = await reopen()
      expect((await again.feedback.page({ limit: 10, alert: alertId(1) })).items.map(({ id }) => id)).toEqual(
        [wordId(3), wordId(1)],
      )
      expect((await again.feedback.standing(on)).map(({ id }) => id)).toEqual([wordId(3)])
      expect(await again.alerts.get(alertId(1))).toMatchObject({
        verdict: 'false_positive',
        acknowledged_at: new Date(START + MINUTE).toISOString(),
      })
    })

    test('on an alert of ours and on its incident are about one thing', async () => {
      await store().alerts.notified(notification(ourAlert(1)), START)
      await give(1, told)
      await give(2, { incidentId: 'incident-1', verdict: 'false_positive' })
      expect(await verdictOf(1)).toBe('false_positive')
      expect(await store().feedback.standing(told)).toHaveLength(1)
      const found = async (filter: object) =>
        (await store().feedback.page({ limit: 10, ...filter })).items.length
      expect(await found({ alert: alertId(1) })).toBe(2)
      expect(await found({ incident: 'incident-1' })).toBe(2)
    })

    test('of several authors: the heavier side is the verdict', async () => {
      await store().alerts.notified(notification(sampleAlert(1)), START)
      await give(1, { ...on, author: 'ann' })
      await give(2, { ...on, author: 'bob', verdict: 'false_positive', weight: 0.5 })
      expect(await verdictOf(1)).toBe('true_positive')
      await give(3, { ...on, author: undefined, verdict: 'false_positive', weight: 0.7 })
      expect(await verdictOf(1)).toBe('false_positive')
    })

    test('that are taken back count no more, and stay in the history', async () => {
      await store().alerts.notified(notification(sampleAlert(1)), START)
      await give(1, on)
      const back = await store().feedback.withdraw(wordId(1), START + 5, [line('verdict.withdrawn')])
      expect(back).toMatchObject({ withdrawn_at: new Date(START + 5).toISOString() })
      expect(await store().feedback.withdraw(wordId(1), START + 9, [line('verdict.withdrawn')])).toEqual(back)
      expect(await verdictOf(1)).toBeNull()
      expect((await store().feedback.page({ limit: 10 })).items).toEqual([back])
      expect((await store().audit.page({ limit: 10 })).items).toHaveLength(1)
      expect(await store().feedback.withdraw('none', START, [])).toBeUndefined()
      expect(await give(2, on)).toMatchObject({ kind: 'given', previous: undefined })
    })

    test('by a silence never take the place of one that was spoken', async () => {
      await give(1, on)
      expect(
        await give(2, { ...on, channel: 'silence', weight: 0.3, verdict: 'false_positive' }),
      ).toMatchObject({ kind: 'same', feedback: { id: wordId(1) } })
      await give(3, { ...on, author: 'bob', channel: 'silence', weight: 0.3, verdict: 'false_positive' })
      expect(await give(4, { ...on, author: 'bob', verdict: 'false_positive' })).toMatchObject({
        kind: 'given',
        previous: 'false_positive',
      })
    })

    test('that were said before the standing one are history only', async () => {
      await give(5, on)
      await give(4, { ...on, verdict: 'false_positive' })
      expect((await store().feedback.standing(on)).map(({ id }) => id)).toEqual([wordId(5)])
    })

    test('use up their link together', async () => {
      const link = { nonce: 'n1', expiresMs: START + 60 * MINUTE }
      const by = (n: number, nonce: string, more: Partial<NewWord> = {}) =>
        store().feedback.give(sampleWord(n, { ...on, ...more }), { ...link, nonce }, [line('verdict.given')])
      expect(await by(1, 'n1')).toMatchObject({ kind: 'given' })
      const again = await reopen()
      expect(await again.links.usedMs('n1')).toBe(START + MINUTE)
      expect(await by(2, 'n1', { verdict: 'false_positive' })).toEqual({ kind: 'used', atMs: START + MINUTE })
      expect(await by(3, 'n2')).toMatchObject({ kind: 'same' })
      expect(await store().links.usedMs('n2')).toBe(START + 3 * MINUTE)
      expect(await store().links.usedMs('n3')).toBeUndefined()
      expect((await store().audit.page({ limit: 10 })).items).toHaveLength(1)
    })

    test('are counted by author, with those that stand against the others', async () => {
      for (const n of [1, 2, 3]) {
        await give(n, { incidentId: `i${n}`, verdict: 'false_positive', author: 'mallory' })
        await give(10 + n, { incidentId: `i${n}`, verdict: n === 3 ? 'false_positive' : 'true_positive' })
      }
      const { feedback } = store()
      expect(await feedback.countBy('mallory', START)).toBe(3)
      expect(await feedback.countBy('mallory', START + 3 * MINUTE)).toBe(1)
      expect(await feedback.countBy(undefined, START)).toBe(0)
      expect(await feedback.contradictions('mallory', START)).toEqual({ words: 3, against: 2 })
      await store().alerts.notified(notification(ourAlert(1, { incidentId: 'i1' })), START)
      expect(await verdictOf(1)).toBe('true_positive')
      expect(await feedback.reweigh('ann', START, 0.1, [line('author.reweighed')])).toBe(3)
      expect(await feedback.reweigh('ann', START, 0.1, [line('author.reweighed')])).toBe(0)
      expect(await verdictOf(1)).toBe('false_positive')
      expect((await store().audit.page({ limit: 10 })).items).toHaveLength(1)
    })
  })

  describe('words for a processor', () => {
    const undelivered = async (ms = START + 60 * MINUTE) =>
      (await store().feedback.undelivered(ms, 10)).map(({ feedback, processorVerdictId, attempts }) => [
        feedback.id,
        processorVerdictId,
        attempts,
      ])

    test('wait until they are delivered, in the order in which they were said', async () => {
      await give(2, { incidentId: 'i2', deliver: true })
      await give(1, { incidentId: 'i1', deliver: true })
      await give(3, { incidentId: 'i3' })
      expect(await undelivered()).toEqual([
        [wordId(1), undefined, 0],
        [wordId(2), undefined, 0],
      ])
      await store().feedback.postponed(wordId(1), START + 99 * MINUTE)
      expect(await undelivered()).toEqual([[wordId(2), undefined, 0]])
      await store().feedback.delivered(wordId(2), 'http://p', 'v2')
      expect(await store().feedback.undeliveredCount()).toBe(1)
      await reopen()
      expect(await undelivered(START + 99 * MINUTE)).toEqual([[wordId(1), undefined, 1]])
      expect(await store().feedback.get(wordId(1))).toMatchObject({ delivered: false })
      expect(await store().feedback.get(wordId(2))).toMatchObject({ delivered: true })
      await store().feedback.undeliverable(wordId(1))
      expect(await undelivered(START + 99 * MINUTE)).toEqual([])
      expect(await store().feedback.get(wordId(1))).toMatchObject({ delivered: false })
    })

    test('that are replaced on the way need not go; that are taken back are taken back there too', async () => {
      await give(1, { incidentId: 'i1', deliver: true })
      await give(2, { incidentId: 'i1', deliver: true, verdict: 'false_positive' })
      expect(await undelivered()).toEqual([[wordId(2), undefined, 0]])
      await store().feedback.delivered(wordId(2), 'http://p', 'v2')
      await store().feedback.withdraw(wordId(2), START, [])
      expect(await undelivered()).toEqual([[wordId(2), 'v2', 0]])
      await store().feedback.delivered(wordId(2), 'http://p', 'v2')
      expect(await undelivered()).toEqual([])
    })

    test('that are taken back while they are on the way are taken back there after it', async () => {
      await give(1, { incidentId: 'i1', deliver: true })
      await store().feedback.withdraw(wordId(1), START, [])
      expect(await undelivered()).toEqual([])
      await store().feedback.delivered(wordId(1), 'http://p', 'v1')
      expect(await undelivered()).toEqual([[wordId(1), 'v1', 0]])
    })
  })

  describe('words of a processor', () => {
    const episode = {
      stream: 'service',
      entityId: 'shop/payment/1',
      fromMs: START,
      toMs: START + MINUTE,
      severity: 0.9,
      threshold: 0.8,
    }
    const about = { incidentId: 'i1', channel: 'processor', processorVerdictId: 'v1' } as const
    const entry = (n: number, more: Partial<NewWord> = {}, withdrawn = false) => ({
      word: sampleWord(n, { ...about, ...more }),
      withdrawn,
      episodes: withdrawn ? [] : [episode],
    })
    const follow = (cursor: number, ...entries: ReturnType<typeof entry>[]) =>
      store().feedback.follow('http://p', cursor, entries)
    const standing = async () => (await store().feedback.standing({ incidentId: 'i1' })).map(({ id }) => id)
    const episodes = () => store().feedback.episodes({ sinceMs: START, limit: 10 })

    test('are stored with their episodes and the place in its log', async () => {
      expect(await store().feedback.cursor('http://p')).toBe(0)
      await follow(7, entry(1), entry(2, { verdict: 'false_positive' }), entry(3))
      await reopen()
      expect(await store().feedback.cursor('http://p')).toBe(7)
      expect(await standing()).toEqual([wordId(3)])
      expect(await episodes()).toEqual([
        {
          ...episode,
          processor: 'http://p',
          verdict: 'true_positive',
          weight: 1,
          author: 'ann',
          atMs: START + 3 * MINUTE,
        },
      ])
      await follow(8, entry(4, {}, true))
      expect(await standing()).toEqual([])
      expect(await episodes()).toEqual([])
      expect(await store().feedback.undelivered(START + 60 * MINUTE, 10)).toEqual([])
    })

    test('that were brought there come back as what they are, also when they were replaced here meanwhile', async () => {
      await give(1, { incidentId: 'i1', deliver: true, weight: 0.5 })
      await store().feedback.delivered(wordId(1), 'http://p', 'v1')
      await give(2, { incidentId: 'i1', deliver: true, verdict: 'false_positive', weight: 0.5 })
      await follow(1, entry(3))
      expect(await standing()).toEqual([wordId(2)])
      expect(await episodes()).toMatchObject([{ verdict: 'false_positive', weight: 0.5 }])
      // The answer to the delivery was lost: the log says that it is there.
      await follow(2, entry(4, { verdict: 'false_positive' }))
      expect(await standing()).toEqual([wordId(2)])
      expect(await store().feedback.undeliveredCount()).toBe(0)
      expect(await store().feedback.countBy('ann', START)).toBe(2)
    })

    test('taken back there are taken back here, but for what was said here since', async () => {
      await follow(1, entry(1))
      await give(2, { incidentId: 'i1', verdict: 'false_positive', deliver: true })
      await follow(2, entry(3, {}, true))
      expect(await standing()).toEqual([wordId(2)])
      await follow(3, entry(4, { verdict: 'false_positive' }), entry(5, { verdict: 'false_positive' }, true))
      expect(await standing()).toEqual([])
    })

    test('change what is known of episodes when they change here', async () => {
      await follow(1, entry(1))
      await give(2, { incidentId: 'i1', verdict: 'false_positive' })
      expect(await episodes()).toMatchObject([{ verdict: 'false_positive' }])
      await store().feedback.reweigh('ann', START, 0.2, [])
      expect(await episodes()).toMatchObject([{ weight: 0.2 }])
      const of = (filter: object) => store().feedback.episodes({ sinceMs: START, limit: 10, ...filter })
      expect(await of({ stream: 'host' })).toEqual([])
      expect(await of({ entityId: 'shop/payment/1' })).toHaveLength(1)
      await store().feedback.withdraw(wordId(2), START, [])
      expect(await episodes()).toEqual([])
    })
  })

  test('missed incidents are reported once, and listed newest first', async () => {
    const first = sampleMissed(1)
    expect(await store().missed.report(first, [line('missed.reported')])).toEqual(first)
    expect(await store().missed.report({ ...first, id: 'other' }, [line('missed.reported')])).toEqual(first)
    await store().missed.report(sampleMissed(2), [])
    await reopen()
    const page = await store().missed.page({ limit: 1 })
    expect(page.items).toEqual([sampleMissed(2)])
    expect(await store().missed.page({ limit: 1, cursor: page.next_cursor ?? '' })).toEqual({
      items: [first],
      next_cursor: null,
    })
    expect(await store().missed.between(START, START + 2 * MINUTE, 10)).toEqual([first])
    expect((await store().audit.page({ limit: 10 })).items).toHaveLength(1)
  })

  test('questions stand open until they are answered or too old', async () => {
    const { questions } = store()
    const expiresMs = START + 60 * MINUTE
    expect(await questions.ask(sampleQuestion(1), expiresMs, 2)).toBe(true)
    expect(await questions.ask({ ...sampleQuestion(1), id: 'other' }, expiresMs, 2)).toBe(false)
    expect(await questions.ask(sampleQuestion(2), expiresMs, 2)).toBe(true)
    expect(await questions.ask(sampleQuestion(3), expiresMs, 2)).toBe(false)
    expect(await questions.open(START)).toEqual([sampleQuestion(2), sampleQuestion(1)])
    expect(await questions.open(expiresMs)).toEqual([])
    const { id } = sampleQuestion(1)
    await give(1, { questionId: id, verdict: 'false_positive' })
    await reopen()
    expect(await store().questions.open(START)).toEqual([sampleQuestion(2)])
    expect(await store().questions.answered(START, START + 2 * MINUTE, 10)).toEqual([
      { question: sampleQuestion(1), verdict: 'false_positive', answeredMs: START + MINUTE },
    ])
    await store().feedback.withdraw(wordId(1), START, [])
    expect(await store().questions.open(START)).toHaveLength(2)
    expect(await store().questions.get(id)).toEqual(sampleQuestion(1))
  })
}

import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenedStore } from './opened.contract.ts'
import {
  sampleAnomaly as anomaly,
  sampleIncident as incident,
  sampleVerdict as verdict,
} from './sample.test-data.ts'

/** What every engine does with the log of verdicts, and with those that are taken back. */
export function verdictLogContract(opened: OpenedStore): void {
  const verdicts = () => opened.store.verdicts
  const on = { incident_id: incident(1).id }
  const log = async () =>
    (await verdicts().log(0, 500)).items.map(
      ({ cursor, verdict: { author, verdict: word }, previous, withdrawn }) => [
        cursor,
        author,
        word,
        previous,
        withdrawn,
      ],
    )

  describe('the log of verdicts', () => {
    beforeEach(() => opened.store.incidents.save(incident(1)))

    test('has each giving, change and withdrawal, from a cursor on, also after a restart', async () => {
      expect(await verdicts().log(0, 10)).toEqual({ items: [], latest: 0 })
      await verdicts().give(verdict(1, on))
      await verdicts().give(verdict(2, { ...on, verdict: 'false_positive' }))
      await verdicts().give(verdict(3, { ...on, author: null }))
      await verdicts().withdraw(verdict(1).id, 4000)
      await opened.reopen()
      expect(await log()).toEqual([
        [1, 'ada', 'true_positive', null, false],
        [2, 'ada', 'false_positive', 'true_positive', false],
        [3, null, 'true_positive', null, false],
        [4, 'ada', 'false_positive', 'false_positive', true],
      ])
      const page = await verdicts().log(1, 2)
      expect([page.items.map(({ cursor }) => cursor), page.latest]).toEqual([[2, 3], 4])
      expect(await verdicts().log(4, 2)).toEqual({ items: [], latest: 4 })
      expect(page.items[0]?.verdict).toEqual(
        verdict(2, { ...on, id: verdict(1).id, verdict: 'false_positive' }),
      )
    })

    test('has a word once that comes again, as after an answer that was lost', async () => {
      await verdicts().give(verdict(1, on))
      const again = await verdicts().give(verdict(2, on))
      expect(again).toEqual({
        verdict: verdict(1, on),
        ...{ previous: 'true_positive', current: 'true_positive' },
      })
      expect(await log()).toHaveLength(1)
      await verdicts().give(verdict(3, { ...on, cause: 'cart' }))
      expect(await log()).toHaveLength(2)
    })

    test('goes with retention, and never uses a cursor twice', async () => {
      for (const n of [1, 2, 3]) await verdicts().give(verdict(n, { ...on, note: `${n}` }))
      expect(await opened.store.retention.sweep(2500, 10)).toBe(2)
      expect(await log()).toEqual([[3, 'ada', 'true_positive', 'true_positive', false]])
      await verdicts().give(verdict(4, on))
      expect((await log()).map(([cursor]) => cursor)).toEqual([3, 4])
    })

    test('tells of an anomaly what was judged', async () => {
      await opened.store.anomalies.add(anomaly(1, { score: 1, severity: 1.46, threshold: 1.2 }))
      await verdicts().give(verdict(1, { anomaly_id: anomaly(1).id }))
      const { time } = anomaly(1)
      const episode = { stream: 'service', entity_id: 'shop/payment/1', from: time, to: time }
      expect((await verdicts().log(0, 1)).items[0]?.episodes).toEqual([
        { ...episode, severity: 1.46, threshold: 1.2 },
      ])
    })

    test('tells of an incident its anomalies, by entity and stream, and keeps them', async () => {
      const host = { id: 'node-1', kind: 'host', host: 'node-1' } as const
      for (const each of [
        anomaly(1, { severity: 0.85 }),
        anomaly(2, { severity: 1.7, score: 1, threshold: 0.9 }),
        // Of before severities were kept.
        anomaly(3, { stream: 'host', entity: host, score: 0.95 }),
        anomaly(4, { severity: 0.9 }),
      ])
        await opened.store.anomalies.add(each)
      await opened.store.anomalies.assign(
        incident(1).id,
        [1, 2, 3].map((n) => anomaly(n).id),
      )
      await verdicts().give(verdict(1, on))
      for (const n of [1, 2, 3]) await opened.store.anomalies.remove(anomaly(n).id)
      expect((await verdicts().log(0, 1)).items[0]?.episodes).toEqual([
        {
          stream: 'service',
          entity_id: 'shop/payment/1',
          from: anomaly(1).time,
          to: anomaly(2).time,
          severity: 1.7,
          threshold: 0.9,
        },
        {
          stream: 'host',
          entity_id: 'node-1',
          from: anomaly(3).time,
          to: anomaly(3).time,
          severity: 0.95,
          threshold: 0.8,
        },
      ])
    })
  })

  describe('a verdict that is taken back', () => {
    beforeEach(async () => {
      await opened.store.incidents.save(incident(1))
      await opened.store.anomalies.add(anomaly(1))
    })
    const word = async () => (await opened.store.incidents.get(incident(1).id))?.verdict
    const accuracy = () => verdicts().rootCauses()

    test('leaves the latest of the others, or none, and counts no more', async () => {
      await verdicts().give(verdict(1, on))
      await verdicts().give(verdict(2, { ...on, author: 'bob', cause: 'cart' }))
      await verdicts().give(verdict(3, { ...on, author: 'eve', verdict: 'false_positive' }))
      expect(await verdicts().withdraw(verdict(3).id, 0)).toMatchObject({
        verdict: { id: verdict(3).id },
        previous: 'false_positive',
        current: 'true_positive',
      })
      expect(await word()).toBe('true_positive')
      expect(await accuracy()).toEqual({ judged: 1, confirmed: 0 })
      await verdicts().withdraw(verdict(2).id, 0)
      expect(await accuracy()).toEqual({ judged: 1, confirmed: 1 })
      expect(await verdicts().withdraw(verdict(1).id, 0)).toMatchObject({
        previous: 'true_positive',
        current: null,
      })
      expect(await word()).toBeNull()
      expect(await accuracy()).toEqual({ judged: 0, confirmed: 0 })
      expect(await verdicts().of(incident(1).id)).toEqual([])
    })

    test('is gone once, and can be given again', async () => {
      expect(await verdicts().withdraw(verdict(1).id, 0)).toBeUndefined()
      await verdicts().give(verdict(1, { anomaly_id: anomaly(1).id }))
      expect(await verdicts().withdraw(verdict(1).id, 0)).toMatchObject({ current: null })
      await opened.reopen()
      expect(await verdicts().withdraw(verdict(1).id, 0)).toBe('gone')
      expect((await opened.store.anomalies.get(anomaly(1).id))?.verdict).toBeNull()
      expect(await verdicts().give(verdict(2, { anomaly_id: anomaly(1).id }))).toMatchObject({
        previous: null,
      })
      expect(await log()).toHaveLength(3)
    })

    test('goes with its anomaly', async () => {
      await verdicts().give(verdict(1, { anomaly_id: anomaly(1).id }))
      await opened.store.anomalies.remove(anomaly(1).id)
      expect(await log()).toEqual([
        [1, 'ada', 'true_positive', null, false],
        [2, 'ada', 'true_positive', 'true_positive', true],
      ])
    })
  })
}

import { describe, expect, test } from 'vitest'
import {
  alertId,
  MINUTE,
  notification,
  ourAlert,
  START,
  sampleAlert,
  sampleWord,
} from './sample.test-data.ts'
import type { ListedAlert, Silence, Store } from './store.ts'

const silence = (id: string, more: Partial<Silence> = {}): Silence => ({
  id,
  createdBy: 'bob',
  comment: 'deployment',
  startsMs: START + 10 * MINUTE,
  endsMs: START + 120 * MINUTE,
  updatedMs: START + 10 * MINUTE,
  matchers: '[]',
  ...more,
})

const listed = (alert: ReturnType<typeof sampleAlert>, more: Partial<ListedAlert> = {}): ListedAlert => ({
  ...alert,
  silencedBy: [],
  inhibitedBy: [],
  ...more,
})

/** The part of the store contract that is about alerts. */
export function alertContract(store: () => Store, reopen: () => Promise<Store>): void {
  const firing = sampleAlert(1)
  const resolved = sampleAlert(1, { endedMs: START + 9 * MINUTE })
  const tell = (alert: ReturnType<typeof sampleAlert>, ms = START, receiver = 'adf') =>
    store().alerts.notified({ ...notification(alert), receiver }, ms)
  const iso = (ms: number) => new Date(ms).toISOString()

  describe('alerts', () => {
    test('are kept with their notifications, over a restart', async () => {
      expect(await store().alerts.notified(notification(firing, sampleAlert(2)), START + 1)).toEqual([
        'fired',
        'fired',
      ])
      await tell(resolved, START + 10 * MINUTE, 'team')
      const again = await reopen()
      expect(await again.alerts.get(alertId(1))).toEqual({
        id: alertId(1),
        fingerprint: '0000000000000001',
        alertname: 'HighCpu',
        labels: firing.labels,
        annotations: firing.annotations,
        generator_url: firing.generatorUrl,
        ours: false,
        incident_id: null,
        service: null,
        entity: 'host-1',
        started_at: iso(START + MINUTE),
        ended_at: iso(START + 9 * MINUTE),
        first_notified_at: iso(START + 1),
        last_notified_at: iso(START + 10 * MINUTE),
        notifications: 2,
        receivers: ['adf', 'team'],
        group_keys: ['{}:{alertname="HighCpu"}'],
        silenced: [],
        inhibited_by: [],
        acknowledged_at: null,
        verdict: null,
      })
      expect(await again.alerts.firing()).toBe(1)
      expect(await again.alerts.lastNotifiedMs()).toBe(START + 10 * MINUTE)
    })

    test('are one for each fingerprint and start, whatever is repeated and whoever repeats it', async () => {
      expect(await tell(firing)).toEqual(['fired'])
      expect(await tell({ ...firing, id: alertId(99) }, START + 5)).toEqual(['known'])
      expect(await store().alerts.notified(notification(resolved, resolved, firing), START + 6)).toEqual([
        'resolved',
        'known',
        'late',
      ])
      const { items } = await store().alerts.page({ limit: 10 })
      expect(items).toMatchObject([
        { id: alertId(1), notifications: 2, ended_at: iso(resolved.endedMs ?? 0) },
      ])
      expect(await store().alerts.get(alertId(99))).toBeUndefined()
    })

    test('come in any order', async () => {
      expect(await tell(resolved)).toEqual(['resolved'])
      expect(await tell(firing)).toEqual(['late'])
      expect(await store().alerts.get(alertId(1))).toMatchObject({ ended_at: iso(START + 9 * MINUTE) })
    })

    test.each([[[8, 9]], [[9, 8]]])('ended at the latest end that was told: %j', async (ends) => {
      for (const end of ends) await tell(sampleAlert(1, { endedMs: START + end * MINUTE }))
      expect(await store().alerts.get(alertId(1))).toMatchObject({ ended_at: iso(START + 9 * MINUTE) })
    })

    test.each([[[1, 5]], [[5, 1]]])('are over when the same labels fire again: %j', async (starts) => {
      for (const [i, start] of starts.entries())
        await tell(sampleAlert(1, { id: alertId(i), startedMs: START + start * MINUTE }))
      const { items } = await store().alerts.page({ limit: 10 })
      expect(items.map(({ started_at, ended_at }) => [started_at, ended_at])).toEqual([
        [iso(START + 5 * MINUTE), null],
        [iso(START + MINUTE), iso(START + 5 * MINUTE)],
      ])
    })

    test('that replicas tell of with two starts end together', async () => {
      await tell(sampleAlert(1, { id: alertId(2), startedMs: START + 2 * MINUTE }))
      await tell(firing)
      await tell(resolved)
      expect(await store().alerts.firing()).toBe(0)
      expect(await store().alerts.get(alertId(2))).toMatchObject({ ended_at: iso(START + 9 * MINUTE) })
    })

    test('keep their labels, whoever claims others', async () => {
      await tell(firing)
      const forged = { ...resolved, labels: { ...firing.labels, severity: 'none' } }
      expect(await tell(forged)).toEqual(['conflicting'])
      expect(await store().alerts.get(alertId(1))).toMatchObject({ labels: firing.labels, ended_at: null })
    })

    test('of which nothing was heard for long are over, until something is', async () => {
      await tell(firing, START + MINUTE)
      expect(await store().alerts.endSilent(START + MINUTE)).toBe(0)
      expect(await store().alerts.endSilent(START + 2 * MINUTE)).toBe(1)
      expect(await store().alerts.get(alertId(1))).toMatchObject({ ended_at: iso(START + MINUTE) })
      expect(await tell(firing, START + 3 * MINUTE)).toEqual(['known'])
      expect(await store().alerts.get(alertId(1))).toMatchObject({ ended_at: null })
    })

    test('are listed newest first, in pages, by what is asked for', async () => {
      const alerts = [1, 2, 3, 4, 5].map((n) => (n % 2 === 0 ? ourAlert(n) : sampleAlert(n)))
      await store().alerts.notified(notification(...alerts), START)
      await tell(sampleAlert(5, { endedMs: START + 60 * MINUTE }))
      const ids = async (filter: object) =>
        (await store().alerts.page({ limit: 10, ...filter })).items.map(({ id }) => id)
      const first = await store().alerts.page({ limit: 2 })
      expect(first.items.map(({ id }) => id)).toEqual([alertId(5), alertId(4)])
      expect(await ids({ cursor: first.next_cursor })).toEqual([alertId(3), alertId(2), alertId(1)])
      expect(await ids({ cursor: 'none' })).toEqual([])
      expect(await ids({ ours: true })).toEqual([alertId(4), alertId(2)])
      expect(await ids({ state: 'resolved' })).toEqual([alertId(5)])
      expect(await ids({ state: 'firing', alertname: 'HighCpu' })).toEqual([alertId(3), alertId(1)])
      expect(await ids({ service: 'payment' })).toEqual([alertId(4), alertId(2)])
      expect(await ids({ incident: 'incident-2' })).toEqual([alertId(2)])
      expect(await ids({ fromMs: START + 2 * MINUTE, toMs: START + 4 * MINUTE })).toEqual([
        alertId(3),
        alertId(2),
      ])
      expect(await store().alerts.ofIncident('incident-4')).toMatchObject({ id: alertId(4) })
    })

    test('of ours take the words that were given on their incident before them', async () => {
      await store().feedback.give(
        sampleWord(1, { incidentId: 'incident-3', verdict: 'false_positive' }),
        undefined,
        [],
      )
      await tell(ourAlert(3))
      expect(await store().alerts.get(alertId(3))).toMatchObject({
        verdict: 'false_positive',
        acknowledged_at: iso(START + MINUTE),
      })
    })

    test('are acknowledged once, at the earliest time', async () => {
      await tell(firing)
      for (const minute of [7, 5, 6]) await store().alerts.acknowledged(alertId(1), START + minute * MINUTE)
      expect(await store().alerts.get(alertId(1))).toMatchObject({
        acknowledged_at: iso(START + 5 * MINUTE),
      })
    })

    test('give what their value is computed from, in pieces', async () => {
      const many = Array.from({ length: 30 }, (_, i) => sampleAlert(i + 1))
      await store().alerts.notified(notification(...many), START)
      const all = await store().alerts.outcomes(START, START + 11 * MINUTE, 100)
      expect(all).toHaveLength(10)
      expect(all[0]).toEqual({
        alertname: 'HighCpu',
        service: undefined,
        entity: 'host-10',
        ours: false,
        startedMs: START + 10 * MINUTE,
        endedMs: undefined,
        notifiedMs: START,
        acknowledgedMs: undefined,
        silenced: false,
        verdict: undefined,
      })
      expect(await store().alerts.outcomes(START, START + 60 * MINUTE, 7)).toHaveLength(7)
    })
  })

  describe('silences', () => {
    const list = (alerts: ListedAlert[], silences: Silence[], ms = START + 11 * MINUTE, complete = true) =>
      store().alerts.listed({ alerts, silences, complete }, ms)

    test('are recorded on the alerts that they cover, once', async () => {
      await tell(firing)
      const under = listed(firing, { silencedBy: ['s1'] })
      await list([under], [silence('s1')])
      await list([under, under], [silence('s1')], START + 12 * MINUTE)
      expect(await store().alerts.get(alertId(1))).toMatchObject({
        silenced: ['s1'],
        acknowledged_at: iso(START + 10 * MINUTE),
        ended_at: null,
      })
      const [pair, ...others] = await store().alerts.newlySilenced(10)
      expect(others).toEqual([])
      expect(pair).toEqual({
        silence: silence('s1'),
        alertId: alertId(1),
        incidentId: undefined,
        ours: false,
        alertStartedMs: firing.startedMs,
        sinceMs: START + 11 * MINUTE,
      })
      await store().alerts.silencesRead([{ silenceId: 's1', alertId: alertId(1) }])
      expect(await (await reopen()).alerts.newlySilenced(10)).toEqual([])
      expect(await store().alerts.outcomes(START, START + 60 * MINUTE, 10)).toMatchObject([
        { silenced: true },
      ])
    })

    test('tell of alerts that nobody was notified of, and of their end', async () => {
      const under = listed(sampleAlert(2), { silencedBy: ['s1'] })
      await list([under, listed(firing)], [silence('s1', { startsMs: START })])
      expect((await store().alerts.page({ limit: 10 })).items).toMatchObject([
        { id: alertId(2), notifications: 0, first_notified_at: null, acknowledged_at: null, ended_at: null },
      ])
      await list([], [], START + 20 * MINUTE, false)
      expect(await store().alerts.firing()).toBe(1)
      await list([], [], START + 20 * MINUTE)
      expect(await store().alerts.get(alertId(2))).toMatchObject({ ended_at: iso(START + 20 * MINUTE) })
      expect(await tell(sampleAlert(2), START + 21 * MINUTE)).toEqual(['known'])
      expect(await store().alerts.get(alertId(2))).toMatchObject({
        ended_at: null,
        first_notified_at: iso(START + 21 * MINUTE),
      })
    })

    test('hold as they were changed last, and inhibition is recorded too', async () => {
      await list([listed(firing, { silencedBy: ['s1'], inhibitedBy: ['00ff'] })], [silence('s1')])
      const ended = silence('s1', { endsMs: START + 30 * MINUTE, updatedMs: START + 30 * MINUTE })
      await list([], [ended])
      await list([], [silence('s1')])
      expect(await store().alerts.newlySilenced(10)).toMatchObject([{ silence: ended }])
      expect(await store().alerts.get(alertId(1))).toMatchObject({ inhibited_by: ['00ff'] })
    })
  })
}

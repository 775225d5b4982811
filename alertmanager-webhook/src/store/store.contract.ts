import { leaseContract } from '@adf/service/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alertContract } from './alerts.contract.ts'
import { feedbackContract } from './feedback.contract.ts'
import {
  alertId,
  line,
  MINUTE,
  notification,
  START,
  sampleAlert,
  sampleMissed,
  sampleQuestion,
  sampleStep,
  sampleWord,
} from './sample.test-data.ts'
import type { Store } from './store.ts'
import { tunerContract } from './tuner.contract.ts'

/** What every engine of the store does. `open` gives an empty one; `reopen` closes one and opens the same data again. */
export function storeContract(
  name: string,
  { open, reopen }: { open: () => Promise<Store>; reopen: (store: Store) => Promise<Store> },
): void {
  describe(`${name} passes the store contract`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())
    const again = async () => {
      store = await reopen(store)
      return store
    }
    alertContract(() => store, again)
    feedbackContract(() => store, again)
    tunerContract(() => store, again)
    leaseContract(() => store.leases)

    test('the audit log is listed newest first, by time', async () => {
      await store.audit.note([line('a', 1), line('b', 2)])
      await store.audit.note([line('c', 3)])
      const first = await store.audit.page({ limit: 2 })
      expect(first.items).toMatchObject([
        { sequence: 3, action: 'c', detail: { n: 3 } },
        { sequence: 2, action: 'b' },
      ])
      expect((await store.audit.page({ limit: 2, cursor: first.next_cursor ?? '' })).items).toMatchObject([
        { sequence: 1 },
      ])
      expect((await store.audit.page({ limit: 9, fromMs: START + 2, toMs: START + 3 })).items).toHaveLength(1)
    })

    test('forgets what is past its time, in pieces, but nothing that fires or waits', async () => {
      const over = [1, 2, 3].map((n) => sampleAlert(n, { endedMs: START + 10 * MINUTE }))
      await store.alerts.notified(notification(...over, sampleAlert(4), sampleAlert(90)), START)
      await store.feedback.give(
        sampleWord(1, { alertId: alertId(1) }),
        { nonce: 'n', expiresMs: START + 5 },
        [line('verdict.given')],
      )
      await store.missed.report(sampleMissed(1), [])
      await store.questions.ask(sampleQuestion(1), START + 30 * MINUTE, 10)
      const fence = (await store.leases.acquire('tuner', 'a', START, 100)) ?? 0
      const steps = [sampleStep(1), sampleStep(2, { outcome: 'applied' })]
      await store.tuner.change({ states: [], steps, audit: [] }, { name: 'tuner', fence })
      const retention = {
        nowMs: START + 60 * MINUTE,
        beforeMs: START + 60 * MINUTE,
        auditBeforeMs: START + 1,
        maxAlerts: 100,
      }
      expect(await store.forget(retention, 2)).toEqual({
        alerts: 2,
        words: 1,
        used_links: 1,
        missed_incidents: 1,
        questions: 1,
        tuner_steps: 1,
        audit: 1,
        judged_episodes: 0,
        silences: 0,
      })
      expect(await store.forget(retention, 2)).toMatchObject({ alerts: 1, words: 0 })
      expect((await store.alerts.page({ limit: 10 })).items.map(({ id }) => id)).toEqual([
        alertId(90),
        alertId(4),
      ])
      expect((await store.tuner.steps({ limit: 10 })).items).toEqual([sampleStep(1)])
    })

    test('keeps so many alerts at most', async () => {
      const over = [1, 2, 3, 4].map((n) => sampleAlert(n, { endedMs: START + 10 * MINUTE }))
      await store.alerts.notified(notification(...over), START)
      const retention = { nowMs: START, beforeMs: START, auditBeforeMs: START, maxAlerts: 3 }
      expect(await store.forget(retention, 10)).toMatchObject({ alerts: 1 })
      expect((await store.alerts.page({ limit: 10 })).items.map(({ id }) => id)).toEqual(
        [4, 3, 2].map(alertId),
      )
    })
  })
}

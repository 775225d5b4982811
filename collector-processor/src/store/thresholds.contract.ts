import { describe, expect, test } from 'vitest'
import type { OpenedStore } from './opened.contract.ts'
import { sampleWish as wish } from './sample.test-data.ts'
import type { RollbackWish, ThresholdWish } from './store.ts'

/** As many as a store of these tests may have. */
export const MOST_THRESHOLDS = 8

/** What every engine does with thresholds and their history. */
export function thresholdContract(opened: OpenedStore): void {
  const thresholds = () => opened.store.thresholds
  const set = (entity: string, value: number | null, more: Partial<ThresholdWish> = {}) =>
    thresholds().change(wish(entity, value, more))
  const tune = (entity: string, value: number | null) => set(entity, value, { source: 'tuner', by: 'tuner' })
  const back = async (more: Partial<RollbackWish>) =>
    thresholds().rollback({ source: 'operator', reason: 'worse', by: 'eve', nowMs: 9000, ...more })
  const one = (entityId: string) => ({ entity: { stream: 'service', entityId } })
  const now = async () =>
    Object.fromEntries(
      (await thresholds().all()).map(({ entity_id, value, source }) => [entity_id, [value, source]]),
    )
  const changed = async (outcome: Promise<{ kind: string }>) => expect((await outcome).kind).toBe('changed')

  describe('thresholds', () => {
    test('are set, changed, listed in pages and given back, each time with a version', async () => {
      expect(await thresholds().version()).toBe(0)
      await changed(set('b:1', 0.7))
      await changed(set('a', 0.6))
      await changed(set('c', 0.5, { stream: 'host' }))
      await changed(set('a', 1.9, { reason: 'noise' }))
      await opened.reopen()
      const all = await thresholds().all()
      expect(all.map(({ stream, entity_id, value, version }) => [stream, entity_id, value, version])).toEqual(
        [
          ['host', 'c', 0.5, 3],
          ['service', 'a', 1.9, 4],
          ['service', 'b:1', 0.7, 1],
        ],
      )
      expect(all[1]).toEqual({
        stream: 'service',
        entity_id: 'a',
        value: 1.9,
        source: 'operator',
        version: 4,
        reason: 'noise',
        updated_at: '1970-01-01T00:00:05.000Z',
        updated_by: 'ada',
      })
      const pages = []
      let cursor: string | undefined
      do {
        const page = await thresholds().page({ limit: 1, cursor })
        pages.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined)
      expect(pages).toEqual(all)
      expect((await thresholds().page({ limit: 5, stream: 'service', entity: 'a' })).items).toEqual([all[1]])
      expect(await set('a', null)).toEqual({ kind: 'changed', threshold: null })
      expect(await set('a', null)).toEqual({ kind: 'same', threshold: null })
      expect(await thresholds().version()).toBe(5)
    })

    test('are bounded: one too many changes nothing, whether it is set or comes back', async () => {
      const most = MOST_THRESHOLDS
      for (let n = 0; n < most; n++) await changed(set(`e${n}`, 0.6))
      expect(await set('further', 0.6)).toEqual({ kind: 'too_many', most })
      await changed(set('e0', 0.7))
      await changed(set('e1', null))
      await changed(set('further', 0.6))
      const version = await thresholds().version()
      expect(await back(one('e1'))).toEqual({ kind: 'too_many', most })
      expect(await thresholds().version()).toBe(version)
      expect(Object.keys(await now())).toHaveLength(most)
      // All at once: what goes makes room for what comes.
      expect(await back({ toVersion: version - 2 })).toMatchObject({
        kind: 'done',
        changes: [
          { entity_id: 'e1', to: 0.6 },
          { entity_id: 'further', to: null },
        ],
      })
      expect(Object.keys(await now())).toHaveLength(most)
    })

    test('set again as they are change nothing', async () => {
      await changed(set('a', 0.6))
      expect(await set('a', 0.6, { reason: 'again' })).toMatchObject({
        kind: 'same',
        threshold: { version: 1 },
      })
      await changed(tune('b', 0.6))
      await changed(set('b', 0.6))
      expect(await thresholds().version()).toBe(3)
    })

    test('are refused when they are not what the caller thinks', async () => {
      expect(await set('a', 0.6, { ifVersion: 1 })).toEqual({ kind: 'conflict', version: 0 })
      await changed(set('a', 0.6, { ifVersion: 0 }))
      await changed(set('b', 0.6))
      expect(await set('a', 0.7, { ifVersion: 0 })).toEqual({ kind: 'conflict', version: 1 })
      expect(await set('a', 0.7, { ifVersion: 2 })).toEqual({ kind: 'conflict', version: 1 })
      await changed(set('a', 0.7, { ifVersion: 1 }))
      expect(await thresholds().version()).toBe(3)
    })

    test('of two at once with one version one wins', async () => {
      await changed(set('a', 0.6))
      const kinds = (
        await Promise.all([set('a', 0.7, { ifVersion: 1 }), set('a', 0.8, { ifVersion: 1 })])
      ).map(({ kind }) => kind)
      expect(kinds.sort()).toEqual(['changed', 'conflict'])
    })

    test('of operators are not the tuner’s to change, until they give them back', async () => {
      await changed(tune('a', 0.6))
      await changed(tune('a', 0.65))
      await changed(set('a', 0.9))
      for (const value of [0.5, 0.9, null])
        expect(await tune('a', value)).toMatchObject({ kind: 'overridden', threshold: { value: 0.9 } })
      await changed(set('a', null))
      await changed(tune('a', 0.6))
      await changed(tune('a', null))
      expect(await now()).toEqual({})
    })

    test('have a history, newest first, in pages', async () => {
      await changed(tune('a', 0.6))
      await changed(set('b', 0.7, { reason: 'noisy' }))
      await changed(set('a', 1.2, { by: null }))
      await changed(set('a', null, { nowMs: 6000 }))
      const { items, next_cursor } = await thresholds().history({ limit: 3 })
      expect(items).toEqual([
        { version: 4, from: 1.2, to: null, source: 'operator', reason: null, by: 'ada', at: at(6), ...a },
        { version: 3, from: 0.6, to: 1.2, source: 'operator', reason: null, by: null, at: at(5), ...a },
        {
          version: 2,
          stream: 'service',
          entity_id: 'b',
          from: null,
          to: 0.7,
          source: 'operator',
          reason: 'noisy',
          by: 'ada',
          at: at(5),
        },
      ])
      const rest = await thresholds().history({ limit: 3, cursor: next_cursor ?? '' })
      expect(rest).toMatchObject({
        items: [{ version: 1, from: null, to: 0.6, source: 'tuner' }],
        next_cursor: null,
      })
      expect((await thresholds().history({ limit: 9, entity: 'b' })).items).toHaveLength(1)
      expect((await thresholds().history({ limit: 9, stream: 'host' })).items).toEqual([])
    })

    test('are followed by version', async () => {
      for (const value of [0.5, 0.6, 0.7]) await changed(set('a', value))
      expect((await thresholds().since(1, 10)).map(({ version, to }) => [version, to])).toEqual([
        [2, 0.6],
        [3, 0.7],
      ])
      expect(await thresholds().since(1, 1)).toHaveLength(1)
      expect(await thresholds().since(3, 10)).toEqual([])
    })
  })

  describe('rollback of thresholds', () => {
    test('takes back one change after the other, and who held it holds it again', async () => {
      await changed(tune('a', 0.6))
      await changed(set('a', 0.9))
      await changed(set('a', 0.95))
      expect(await back(one('a'))).toEqual({
        kind: 'done',
        changes: [
          {
            version: 4,
            from: 0.95,
            to: 0.9,
            source: 'rollback',
            reason: 'worse',
            by: 'eve',
            at: at(9),
            ...a,
          },
        ],
      })
      expect((await tune('a', 0.7)).kind).toBe('overridden')
      await back(one('a'))
      expect(await now()).toEqual({ a: [0.6, 'tuner'] })
      await changed(tune('a', 0.7))
      await back(one('a'))
      await back(one('a'))
      expect(await now()).toEqual({})
      expect(await back(one('a'))).toEqual({ kind: 'done', changes: [] })
      expect(await back(one('b'))).toEqual({ kind: 'never_changed' })
    })

    test('to a version, of one or of all, and back again', async () => {
      await changed(tune('a', 0.6)) // 1
      await changed(set('b', 0.7)) // 2
      await changed(set('a', 0.9)) // 3
      await changed(set('b', null)) // 4
      await changed(tune('c', 1.5)) // 5
      const before = await now()
      expect(await back({ ...one('a'), toVersion: 2 })).toMatchObject({ changes: [{ version: 6, to: 0.6 }] })
      expect(await now()).toEqual({ a: [0.6, 'tuner'], c: [1.5, 'tuner'] })
      await back({ toVersion: 2 })
      expect(await now()).toEqual({ a: [0.6, 'tuner'], b: [0.7, 'operator'] })
      expect(await back({ toVersion: 2 })).toEqual({ kind: 'done', changes: [] })
      await back({ toVersion: 5 })
      expect(await now()).toEqual(before)
      await back({ toVersion: 0 })
      expect(await now()).toEqual({})
      expect(await back({ toVersion: 99 })).toEqual({ kind: 'ahead', latest: await thresholds().version() })
      expect(await back({ ...one('z'), toVersion: 0 })).toEqual({ kind: 'never_changed' })
    })

    test('by the tuner leaves alone what operators hold', async () => {
      await changed(tune('a', 0.6))
      await changed(tune('b', 0.6))
      await changed(set('a', 0.9))
      const tuner = { source: 'tuner' } as const
      expect(await back({ ...one('a'), ...tuner })).toMatchObject({
        kind: 'overridden',
        threshold: { value: 0.9 },
      })
      expect(await back({ ...one('a'), ...tuner, toVersion: 0 })).toMatchObject({ kind: 'overridden' })
      expect(await back({ ...tuner, toVersion: 0 })).toMatchObject({
        changes: [{ entity_id: 'b', to: null }],
      })
      expect(await now()).toEqual({ a: [0.9, 'operator'] })
    })

    test('is told from what retention took', async () => {
      await changed(set('a', 0.6, { nowMs: 1000 }))
      await changed(set('a', 0.7, { nowMs: 2000 }))
      await changed(set('a', 0.8, { nowMs: 3000 }))
      expect(await opened.store.retention.sweep(2500, 1)).toBe(1)
      expect(await opened.store.retention.sweep(2500, 1)).toBe(1)
      expect(await opened.store.retention.sweep(2500, 1)).toBe(0)
      expect(await back({ toVersion: 1 })).toEqual({ kind: 'forgotten', swept: 2 })
      expect(await now()).toEqual({ a: [0.8, 'operator'] })
      expect(await back({ toVersion: 2 })).toMatchObject({ changes: [{ from: 0.8, to: 0.7 }] })
    })
  })
}

const a = { stream: 'service', entity_id: 'a' }
const at = (seconds: number) => new Date(seconds * 1000).toISOString()

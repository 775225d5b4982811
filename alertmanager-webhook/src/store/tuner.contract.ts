import { describe, expect, test } from 'vitest'
import { line, START, sampleStep } from './sample.test-data.ts'
import type { Store } from './store.ts'
import { OutOfTurn } from './tuner-store.ts'

/** The part of the store contract that is about the tuner. */
export function tunerContract(store: () => Store, reopen: () => Promise<Store>): void {
  const entity = { stream: 'service', entityId: 'shop/payment/1' }
  const pool = { stream: 'service', entityId: undefined }
  const lead = async () => ({
    name: 'tuner',
    fence: (await store().leases.acquire('tuner', 'me', START, 1000)) ?? 0,
  })
  const state = (key: typeof entity | typeof pool, text: string) => ({
    ...key,
    state: text,
    updatedMs: START,
  })

  describe('the tuner', () => {
    test('keeps its states, steps and lines together', async () => {
      const steps = [sampleStep(1), sampleStep(2, { entity_id: 'other' })]
      const states = [state(entity, '{"a":1}'), state(pool, '{}')]
      await store().tuner.change({ states, steps, audit: [line('threshold.raised')] }, await lead())
      const applied = sampleStep(1, { outcome: 'applied', version: 7 })
      await store().tuner.change(
        { states: [state(entity, '{"a":2}')], steps: [applied], audit: [] },
        await lead(),
      )
      await reopen()
      const { tuner } = store()
      expect(await tuner.state(entity)).toEqual(state(entity, '{"a":2}'))
      expect(await tuner.state({ ...entity, entityId: 'none' })).toBeUndefined()
      const first = await tuner.states({ limit: 1 })
      expect(first.items).toEqual([state(pool, '{}')])
      expect((await tuner.states({ limit: 1, cursor: first.next_cursor ?? '' })).items).toEqual([
        state(entity, '{"a":2}'),
      ])
      expect((await tuner.steps({ limit: 10 })).items).toEqual([steps[1], applied])
      expect((await tuner.steps({ limit: 10, entity: 'other' })).items).toEqual([steps[1]])
      expect(await tuner.stepsWith('pending', 10)).toEqual([steps[1]])
      expect(await tuner.step(applied.id)).toEqual(applied)
      expect((await store().audit.page({ limit: 10 })).items).toHaveLength(1)
    })

    test('writes nothing when another took its turn', async () => {
      const mine = await lead()
      await store().leases.acquire('tuner', 'other', START + 2000, 1000)
      const change = { states: [state(pool, '{}')], steps: [sampleStep(1)], audit: [line('x')] }
      await expect(store().tuner.change(change, mine)).rejects.toBeInstanceOf(OutOfTurn)
      expect((await store().tuner.states({ limit: 10 })).items).toEqual([])
      expect((await store().audit.page({ limit: 10 })).items).toEqual([])
    })

    test('is frozen as a whole, by stream or by entity', async () => {
      const of = (stream?: string, entityId?: string) => ({
        stream,
        entityId,
        reason: 'deployment',
        by: 'operator:ann',
        sinceMs: START,
      })
      const { tuner } = store()
      for (const freeze of [of(), of('service'), of('service', 'a')])
        await tuner.freeze(freeze, [line('tuner.frozen')])
      await reopen()
      expect(await store().tuner.freezes()).toEqual([of(), of('service'), of('service', 'a')])
      await store().tuner.unfreeze({ stream: 'service', entityId: undefined }, [])
      expect(await store().tuner.freezes()).toEqual([of(), of('service', 'a')])
      await store().tuner.unfreeze({ stream: undefined, entityId: undefined }, [])
      expect(await store().tuner.freezes()).toEqual([])
    })
  })
}

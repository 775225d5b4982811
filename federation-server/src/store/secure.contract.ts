import { describe, expect, test } from 'vitest'
import type { SecurePhase, SecureStep } from '../round/secure/phases.ts'
import { Driver, prepare, RUN, update } from './sample.test-data.ts'
import type { NewSecureMessage } from './secure-store.ts'
import { OutOfTurn, type Store } from './store.ts'

const parameters = { base: 0, clients: 3, threshold: 2, length: 1, clip: 1, sample_cap: 10 }
const message = (
  clientId: string,
  step: SecureStep,
  more: Partial<NewSecureMessage> = {},
): NewSecureMessage => ({
  run: RUN,
  round: 1,
  step,
  clientId,
  hash: `${step} of ${clientId}`,
  body: Uint8Array.of(1, 2),
  ...more,
})

/** What every engine does about secure aggregation. @param store a new one, before each test */
export function secureContract(store: () => Store, reopen: () => Promise<Store>): void {
  describe('secure aggregation', () => {
    const put = (...args: Parameters<typeof message>) => store().secure.put(message(...args), 50)
    const bodies = async (step: SecureStep) =>
      (await store().secure.messages(RUN, 1, step)).map(({ clientId }) => clientId)
    async function begun(): Promise<Driver> {
      const clients = await prepare(store(), 3)
      const driver = await new Driver(store()).lead()
      await driver.move({ kind: 'open', number: 1 })
      await driver.move({ kind: 'select', clients }, { selected: clients, secure: { begin: parameters } })
      await driver.move({ kind: 'configure' }, { work: '{"step":1}' })
      await driver.move({ kind: 'collect', deadlineMs: 100 })
      return driver
    }
    const next = (driver: Driver, kind: 'share' | 'mask' | 'confirm', from: SecurePhase, to: SecurePhase) =>
      driver.move({ kind, phaseDeadlineMs: 200 }, { secure: { phase: { from, to, deadlineMs: 200 } } })

    test('takes a message once, in its phase, of a client that was asked and took the step before', async () => {
      const driver = await begun()
      const keys = { publicKey: 'key-c1' }
      expect(await put('c1', 'keys', keys)).toEqual({ kind: 'stored' })
      expect(await put('c1', 'keys', keys)).toEqual({ kind: 'again' })
      expect(await put('c1', 'keys', { hash: 'other' })).toMatchObject({ kind: 'conflict' })
      expect((await store().audit.page({ limit: 1 })).items[0]).toMatchObject({
        action: 'secure.conflicting',
        actor: 'c1',
        detail: { step: 'keys', stored: 'keys of c1', refused: 'other' },
      })
      expect(await put('c1', 'keys', { hash: 'third' })).toMatchObject({ kind: 'conflict' })
      const { items } = await store().audit.page({ limit: 500 })
      expect(items.filter(({ action }) => action === 'secure.conflicting')).toHaveLength(1)
      expect(await put('c1', 'shares')).toMatchObject({ kind: 'wrong_step' })
      expect(await put('c9', 'keys')).toMatchObject({ kind: 'revoked' })
      expect(await put('c1', 'keys', { round: 2 })).toMatchObject({ kind: 'over' })
      await next(driver, 'share', 'advertising', 'sharing')
      expect(await put('c1', 'keys', keys)).toEqual({ kind: 'again' })
      expect(await put('c2', 'keys')).toMatchObject({ kind: 'wrong_step' })
      expect(await put('c2', 'shares')).toMatchObject({ kind: 'wrong_step' })
      expect(await put('c1', 'shares')).toEqual({ kind: 'stored' })
      const reopened = await reopen()
      expect(await reopened.secure.get(RUN, 1)).toMatchObject({
        phase: 'sharing',
        parameters,
        deadlineMs: 200,
      })
      expect(await reopened.secure.messages(RUN, 1, 'keys')).toMatchObject([
        { clientId: 'c1', publicKey: 'key-c1' },
      ])
    })

    test('counts what is there, and who was revoked with an input in the sum', async () => {
      const driver = await begun()
      const situation = async () =>
        (await store().rounds.situation({ run: RUN, presentSinceMs: 0, stalenessLimit: 2 }))!.secure
      for (const id of ['c1', 'c2', 'c3']) await put(id, 'keys')
      expect(await situation()).toMatchObject({
        phase: 'advertising',
        deadlineMs: undefined,
        counts: { keys: 3 },
      })
      await next(driver, 'share', 'advertising', 'sharing')
      for (const id of ['c1', 'c2', 'c3']) await put(id, 'shares')
      await next(driver, 'mask', 'sharing', 'masking')
      for (const id of ['c1', 'c2']) await put(id, 'input')
      expect(await situation()).toMatchObject({ revoked: 0, counts: { shares: 3, input: 2, answer: 0 } })
      await next(driver, 'confirm', 'masking', 'confirming')
      expect(await store().rounds.get(RUN, 1)).toMatchObject({ received: 2 })
      await store().clients.revoke('c3', 'operator:x', undefined, 60)
      expect(await situation()).toMatchObject({ revoked: 0 })
      await store().clients.revoke('c1', 'operator:x', undefined, 60)
      expect(await situation()).toMatchObject({ revoked: 1 })
      await expect(next(driver, 'confirm', 'masking', 'confirming')).rejects.toThrow(OutOfTurn)
    })

    test('keeps nothing of a round that is over but who sent an input, which counts as an update', async () => {
      const driver = await begun()
      for (const id of ['c1', 'c2']) await put(id, 'keys')
      await next(driver, 'share', 'advertising', 'sharing')
      for (const id of ['c1', 'c2']) await put(id, 'shares')
      await next(driver, 'mask', 'sharing', 'masking')
      await put('c1', 'input')
      expect(await bodies('input')).toEqual(['c1'])
      expect(
        await store().secure.message({ run: RUN, round: 1, step: 'input', clientId: 'c1' }),
      ).toHaveLength(2)
      await driver.move({ kind: 'abandon', reason: 'too few' })
      expect([await bodies('keys'), await bodies('shares'), await bodies('input')]).toEqual([[], [], []])
      expect(await store().secure.clients(RUN, 1, 'input')).toEqual(['c1'])
      expect(await put('c1', 'input')).toEqual({ kind: 'again' })
      expect(await put('c2', 'input')).toMatchObject({ kind: 'over' })
      expect(await store().runs.mostUpdates(RUN)).toBe(1)
      expect((await store().clients.get('c1'))?.updates).toMatchObject({ received: 1, aggregated: 0 })
    })

    test('rejects what waits without masks when it begins', async () => {
      const clients = await prepare(store(), 3)
      const driver = await new Driver(store()).lead()
      await driver.collect(1, clients)
      await store().updates.submit(update('c1', 1), { stalenessLimit: 2, rounds: 100, anyone: false }, 50)
      await driver.move({ kind: 'abandon', reason: 'too few' })
      await driver.move({ kind: 'open', number: 2 })
      await driver.move({ kind: 'select', clients }, { selected: clients, secure: { begin: parameters } })
      expect((await store().updates.page({ limit: 9 })).items).toMatchObject([
        { client_id: 'c1', state: 'rejected', reason: 'not_masked' },
      ])
    })
  })
}

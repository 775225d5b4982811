import { leaseContract } from '@adf/service/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Driver, enrol, HASH, model, prepare, RULE, RUN, update } from './sample.test-data.ts'
import { secureContract } from './secure.contract.ts'
import { OutOfTurn, type Store } from './store.ts'

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
    const lead = () => new Driver(store).lead()
    const submit = (...args: Parameters<typeof update>) => store.updates.submit(update(...args), RULE, 50)
    const states = async () =>
      (await store.updates.page({ limit: 100 })).items.map(({ id, state, reason }) => [id, state, reason])
    const actions = async () => (await store.audit.page({ limit: 100 })).items.map(({ action }) => action)

    secureContract(
      () => store,
      async () => {
        store = await reopen(store)
        return store
      },
    )

    describe('clients', () => {
      const newcomer = { id: 'c9', tokenHash: 't', name: 'nine', publicKey: 'k9' }
      const invited = {
        id: 'i',
        tokenHash: 't',
        name: undefined,
        sampleCap: 7,
        trusted: true,
        expiresMs: 100,
      }

      test('enrol by a token once, and get the same answer again', async () => {
        await store.clients.invite(invited, 'operator:x', 1)
        const first = await store.clients.enrol(newcomer, 10, 2)
        expect(first).toEqual({ kind: 'enrolled', id: 'c9', sampleCap: 7, again: false })
        expect(await store.clients.enrol({ ...newcomer, id: 'c10' }, 10, 3)).toEqual({
          ...first,
          again: true,
        })
        expect(await store.clients.enrol({ ...newcomer, publicKey: 'other' }, 10, 3)).toMatchObject({
          kind: 'refused',
        })
        store = await reopen(store)
        expect(await store.clients.get('c9')).toMatchObject({
          name: 'nine',
          sample_cap: 7,
          trusted: true,
          reputation: 1,
        })
        expect(await store.clients.keyOf('c9')).toEqual({ publicKey: 'k9', revoked: false })
        expect(await actions()).toEqual(['client.enrolled', 'invitation.made'])
      })

      test('are refused with a token that is unknown, too old, or for another; a name or a key is of one client', async () => {
        await store.clients.invite({ ...invited, name: 'ten' }, 'operator:x', 1)
        const enrolled = (more: object, at = 2, most = 10) =>
          store.clients.enrol({ ...newcomer, ...more }, most, at)
        expect(await enrolled({ tokenHash: 'x' })).toMatchObject({ kind: 'refused' })
        expect(await enrolled({})).toMatchObject({ reason: 'the token is for ten, not for nine' })
        expect(await enrolled({ name: 'ten' }, 101)).toMatchObject({ reason: 'the token is no longer good' })
        await prepare(store, 1)
        await store.clients.invite({ ...invited, id: 'j', tokenHash: 'u' }, 'operator:x', 1)
        expect(await enrolled({ tokenHash: 'u', name: 'site-c1' })).toMatchObject({ kind: 'conflict' })
        expect(await enrolled({ tokenHash: 'u', publicKey: 'key-c1' })).toMatchObject({ kind: 'conflict' })
        expect(await enrolled({ tokenHash: 'u' }, 2, 1)).toMatchObject({
          reason: expect.stringContaining('max_clients'),
        })
        expect(await store.clients.get('c9')).toBeUndefined()
      })

      test('are there with a nonce once, until it is forgotten', async () => {
        await prepare(store, 1)
        expect(await store.clients.seen('c1', 'n', 10, 20)).toBe(true)
        expect(await store.clients.seen('c1', 'n', 11, 20)).toBe(false)
        expect(await store.clients.seen('c2', 'n', 11, 20)).toBe(true)
        await store.clients.forgetNonces(20)
        expect(await store.clients.seen('c1', 'n', 20, 30)).toBe(false)
        await store.clients.forgetNonces(21)
        expect(await store.clients.seen('c1', 'n', 21, 30)).toBe(true)
      })

      test('have one key in force', async () => {
        await prepare(store, 1)
        expect(await store.clients.changeKey('c1', 'second', 60_000)).toEqual({ kind: 'changed' })
        expect(await store.clients.changeKey('c1', 'second', 60_001)).toEqual({ kind: 'changed' })
        expect(await store.clients.keyOf('c1')).toEqual({ publicKey: 'second', revoked: false })
        expect((await store.clients.get('c1'))?.key_since).toBe(new Date(60_000).toISOString())
        expect((await actions()).filter((action) => action === 'client.key_changed')).toHaveLength(1)
      })

      test('change their key once a minute at most', async () => {
        await prepare(store, 1)
        expect(await store.clients.changeKey('c1', 'second', 60_000)).toEqual({ kind: 'changed' })
        expect(await store.clients.changeKey('c1', 'third', 100_000)).toEqual({
          kind: 'too_soon',
          waitMs: 20_000,
        })
        // By a clock that was set back it waits no longer than that.
        expect(await store.clients.changeKey('c1', 'third', 1000)).toEqual({
          kind: 'too_soon',
          waitMs: 60_000,
        })
        expect((await store.clients.keyOf('c1'))?.publicKey).toBe('second')
        expect(await store.clients.changeKey('c1', 'third', 120_000)).toEqual({ kind: 'changed' })
      })

      test('are revoked with what they sent, once', async () => {
        const clients = await prepare(store, 3)
        const driver = await lead()
        await driver.collect(1, clients)
        await submit('c1', 1)
        await submit('c2', 1)
        expect(await store.clients.revoke('c1', 'operator:x', 'gone', 60)).toBe(true)
        expect(await store.clients.revoke('c1', 'operator:x', 'gone', 61)).toBe(true)
        expect(await store.clients.revoke('none', 'operator:x', 'gone', 61)).toBe(false)
        expect(await states()).toEqual([
          ['u-c2-1', 'pending', null],
          ['u-c1-1', 'rejected', 'revoked'],
        ])
        expect(await submit('c1', 1)).toMatchObject({ kind: 'revoked' })
        expect(await store.clients.counts(0)).toEqual({ enrolled: 2, seen: 2, revoked: 1 })
        expect((await actions()).filter((action) => action === 'client.revoked')).toHaveLength(1)
      })

      test('are paged by name', async () => {
        await prepare(store, 5)
        const first = await store.clients.page({ limit: 3 })
        const second = await store.clients.page({ limit: 3, cursor: first.next_cursor ?? '' })
        expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['c1', 'c2', 'c3', 'c4', 'c5'])
        expect(second.next_cursor).toBeNull()
      })
    })

    describe('runs', () => {
      const run = {
        name: RUN,
        model,
        settings: '{"a":1}',
        secret: Uint8Array.of(7),
        weights: Uint8Array.of(1),
        hash: HASH,
      }

      test('begin once with a model that stays, and note other settings', async () => {
        expect(await store.runs.ensure(run, 1)).toEqual(model)
        const other = { ...run, secret: Uint8Array.of(8) }
        await store.runs.ensure(other, 2)
        await store.runs.ensure({ ...other, settings: '{"a":2}' }, 3)
        expect(await store.runs.ensure({ ...other, model: { ...model, seed: 2 } }, 4)).toEqual(model)
        expect(await store.runs.get(RUN)).toMatchObject({
          version: 0,
          hash: HASH,
          state: 'running',
          committed: 0,
        })
        expect([...(await store.runs.get(RUN))!.secret]).toEqual([7])
        expect(await actions()).toEqual(['run.changed', 'run.created'])
        expect(await store.runs.get('none')).toBeUndefined()
      })

      test('are paused and go on', async () => {
        await store.runs.ensure(run, 1)
        expect(await store.runs.setState(RUN, 'paused', 'operator:x', 2)).toBe(true)
        expect(await store.runs.setState('none', 'paused', 'operator:x', 2)).toBe(false)
        store = await reopen(store)
        expect((await store.runs.get(RUN))?.state).toBe('paused')
      })
    })

    describe('rounds', () => {
      test('advance one durable step at a time, also over a restart', async () => {
        const clients = await prepare(store, 3, ['c3'])
        const driver = await lead()
        await driver.collect(1, clients)
        store = await reopen(store)
        expect(await store.rounds.latest(RUN)).toEqual({ round: driver.round, work: '{"step":1}' })
        expect(await store.rounds.asked(RUN, 1, 'c1')).toEqual({ asked: true, delivered: false })
        await submit('c1', 1)
        await submit('c3', 1)
        expect(await store.rounds.asked(RUN, 1, 'c1')).toEqual({ asked: true, delivered: true })
        expect(await store.rounds.asked(RUN, 1, 'c9')).toEqual({ asked: false, delivered: false })
        const situation = await store.rounds.situation({ run: RUN, presentSinceMs: 0, stalenessLimit: 2 })
        // The trusted one does not count.
        expect(situation).toMatchObject({ paused: false, committed: 0, waiting: 1 })
        expect(situation!.asked).toEqual({ clients: 2, delivered: 1, trustedMissing: 0 })
      })

      test('begin with the clients that were there lately', async () => {
        await prepare(store, 2, ['c2'])
        await (await lead()).move({ kind: 'open', number: 1 })
        const present = async (presentSinceMs: number) =>
          (await store.rounds.situation({ run: RUN, presentSinceMs, stalenessLimit: 2 }))!.present
        expect(await present(0)).toEqual([
          { id: 'c1', sinceMs: 3, trusted: false },
          { id: 'c2', sinceMs: 3, trusted: true },
        ])
        await store.presence.came('c1', [{ run: RUN, version: 0 }], 500, 1000)
        expect(await present(4)).toEqual([{ id: 'c1', sinceMs: 3, trusted: false }])
        await store.presence.came('c1', [{ run: RUN, version: 0 }], 1501, 1000)
        expect((await present(1501))[0]?.sinceMs).toBe(1501)
      })

      test('take no step of a server that has lost the lease, or that another has taken', async () => {
        const clients = await prepare(store, 1)
        const driver = await lead()
        await driver.move({ kind: 'open', number: 1 })
        const other = await new Driver(store).lead('b', 5000)
        expect(other.fence).toBeGreaterThan(driver.fence)
        await expect(driver.move({ kind: 'select', clients }, { selected: clients })).rejects.toThrow(
          OutOfTurn,
        )
        expect((await store.rounds.latest(RUN))?.round.state).toBe('OPEN')
        await expect(other.move({ kind: 'open', number: 1 })).rejects.toThrow(OutOfTurn)
        other.round = driver.round
        await other.move({ kind: 'select', clients }, { selected: clients })
        await expect(other.move({ kind: 'open', number: 1 })).rejects.toThrow('is SELECTED, not new')
      })

      test('commit a version with all that belongs to it', async () => {
        const clients = await prepare(store, 3)
        const driver = await lead()
        await driver.collect(1, clients)
        for (const client of clients) await submit(client, 1)
        await driver.close()
        expect(await store.updates.of(RUN, 1)).toHaveLength(3)
        const held = {
          id: 'u-c1-1',
          clientId: 'c1',
          reason: 'odd',
          findings: [{ kind: 'norm' as const, suspicion: 1, text: 'odd' }],
        }
        await driver.judge({
          judgements: [{ ...held, state: 'quarantined' }],
          poisoning: Uint8Array.of(9),
          reputations: new Map([['c1', 0.5]]),
        })
        await driver.commit({ used: ['u-c2-1'], leftOut: [{ id: 'u-c3-1', reason: 'outlying' }] })
        expect(await states()).toEqual([
          ['u-c3-1', 'rejected', 'outlying'],
          ['u-c2-1', 'aggregated', null],
          ['u-c1-1', 'quarantined', 'odd'],
        ])
        expect(await store.runs.get(RUN)).toMatchObject({ version: 1, committed: 1 })
        const memory = await store.runs.memory(RUN)
        expect([memory?.weights, memory?.optimiser, memory?.poisoning].map((bytes) => bytes?.[0])).toEqual([
          1, 1, 9,
        ])
        expect(await store.rounds.get(RUN, 1)).toMatchObject({
          ...{ state: 'COMMITTED', version: 1, selected: 3, received: 3, used: 1, late: 0, loss: 0.4 },
          left_out: { quarantined: 1, outlying: 1 },
          bytes: { up: 9, down: 0 },
        })
        expect((await store.clients.get('c1'))?.reputation).toBe(0.5)
        expect(await store.updates.quarantined()).toBe(1)
        expect((await store.audit.verify()).sound).toBe(true)
      })

      test('keep the weights of the latest versions, and the hashes of all', async () => {
        await prepare(store, 1)
        const driver = await lead()
        for (let round = 1; round <= 4; round++) {
          await driver.collect(round, ['c1'])
          await driver.close()
          await driver.judge()
          await driver.commit()
        }
        const kept = await Promise.all([0, 1, 2, 3, 4, 5].map((version) => store.runs.version(RUN, version)))
        expect(
          kept.map((version) => version && [version.weights !== undefined, version.delta !== undefined]),
        ).toEqual([[false, false], [false, false], [false, false], [true, true], [true, true], undefined])
      })

      test('that are abandoned hand their updates on to the next', async () => {
        const clients = await prepare(store, 2)
        const driver = await lead()
        await driver.collect(1, clients)
        await submit('c1', 1)
        await driver.close()
        await submit('c2', 1)
        await driver.move({ kind: 'abandon', reason: 'too few' })
        expect(await store.runs.get(RUN)).toMatchObject({ committed: 0, abandoned: 1 })
        await driver.collect(2, clients)
        await submit('c2', 2, { hash: 'b'.repeat(64) })
        await driver.close()
        expect((await store.updates.of(RUN, 2)).map(({ id }) => id)).toEqual(['u-c1-1', 'u-c2-1', 'u-c2-2'])
        expect(await store.rounds.get(RUN, 2)).toMatchObject({ received: 3, late: 2 })
        expect(await store.rounds.get(RUN, 1)).toMatchObject({ state: 'ABANDONED', reason: 'too few' })
      })

      test('that are the last leave nothing waiting', async () => {
        const clients = await prepare(store, 2)
        const driver = await lead()
        await driver.collect(1, clients)
        await submit('c1', 1)
        await driver.close()
        await submit('c2', 1)
        await driver.judge()
        await driver.commit({ used: ['u-c1-1'], last: true })
        expect(await states()).toEqual([
          ['u-c2-1', 'rejected', 'run_finished'],
          ['u-c1-1', 'aggregated', null],
        ])
      })

      test('are paged from the newest', async () => {
        await prepare(store, 1)
        const driver = await lead()
        for (let round = 1; round <= 3; round++) {
          await driver.move({ kind: 'open', number: round })
          await driver.move({ kind: 'abandon', reason: 'x' })
        }
        const first = await store.rounds.page(RUN, { limit: 2 })
        expect(first.items.map(({ round }) => round)).toEqual([3, 2])
        const second = await store.rounds.page(RUN, { limit: 2, cursor: first.next_cursor ?? '' })
        expect(second).toMatchObject({ items: [{ round: 1 }], next_cursor: null })
        expect((await store.rounds.page(RUN, { limit: 2, cursor: 'x' })).items).toEqual([])
      })
    })

    describe('updates', () => {
      test('are stored once; the same bytes get the same receipt, others are a conflict', async () => {
        await prepare(store, 1)
        await (await lead()).collect(1, ['c1'])
        const first = await submit('c1', 1)
        expect(first).toMatchObject({ kind: 'stored', receipt: { round: 1, hash: HASH, late: false } })
        const again = await store.updates.submit(update('c1', 1, { id: 'other' }), RULE, 99)
        expect(again).toEqual({ ...first, kind: 'again' })
        expect(await submit('c1', 1, { hash: 'b'.repeat(64) })).toMatchObject({ kind: 'conflict' })
        expect((await store.updates.get('u-c1-1'))?.hash).toBe(HASH)
        expect(await submit('c1', 1, { hash: 'c'.repeat(64) })).toMatchObject({ kind: 'conflict' })
        expect((await actions()).filter((action) => action === 'update.conflicting')).toHaveLength(1)
      })

      test('are refused before their round, by who was not asked, and of another base', async () => {
        await prepare(store, 2)
        const driver = await lead()
        expect(await submit('c1', 1)).toMatchObject({ kind: 'no_round' })
        await driver.collect(1, ['c1'])
        expect(await submit('c2', 1)).toMatchObject({ kind: 'not_selected' })
        expect(await store.updates.submit(update('c2', 1), { ...RULE, anyone: true }, 5)).toMatchObject({
          kind: 'stored',
        })
        expect(await submit('c1', 1, { base: 1 })).toMatchObject({ kind: 'unknown_base' })
        expect(await store.updates.submit(update('c1', 1), { ...RULE, rounds: 0 }, 5)).toMatchObject({
          kind: 'too_late',
        })
      })

      test('that come late count in the round that is not closed yet, until they are too old', async () => {
        await prepare(store, 3)
        const driver = await lead()
        await driver.collect(1, ['c1', 'c2', 'c3'])
        await driver.close()
        expect(await submit('c1', 1)).toMatchObject({ kind: 'stored', receipt: { round: 2, late: true } })
        for (let round = 1; round <= 3; round++) {
          await driver.judge()
          await driver.commit()
          if (round === 2)
            expect(await submit('c2', 1)).toMatchObject({ kind: 'stored', receipt: { round: 3 } })
          if (round < 3) {
            await driver.collect(round + 1, ['c1'])
            await driver.close()
          }
        }
        expect(await submit('c3', 1)).toMatchObject({ kind: 'too_late' })
      })

      test('in quarantine are reviewed once, the oldest making room', async () => {
        const clients = await prepare(store, 4)
        const driver = await lead()
        await driver.collect(1, clients)
        for (const client of clients) await submit(client, 1)
        await driver.close()
        const quarantined = (clientId: string) => ({
          id: `u-${clientId}-1`,
          clientId,
          state: 'quarantined' as const,
          reason: 'odd',
          findings: [],
        })
        await driver.judge({ judgements: clients.map(quarantined), quarantineLimit: 3 })
        expect((await states()).filter(([, state]) => state === 'quarantined')).toHaveLength(3)
        expect(await store.updates.get('u-c1-1')).toMatchObject({ state: 'rejected', reason: 'not_reviewed' })
        const review = { decision: 'released', reviewer: 'me', by: 'operator:x', note: 'good' } as const
        expect(await store.updates.review('u-c2-1', review, 70)).toMatchObject({
          done: true,
          update: { state: 'released', reviewer: 'me' },
        })
        expect(await store.updates.review('u-c2-1', { ...review, decision: 'rejected' }, 71)).toMatchObject({
          done: false,
        })
        expect(await store.updates.review('u-c3-1', { ...review, decision: 'rejected' }, 71)).toMatchObject({
          done: true,
        })
        expect(await store.updates.review('none', review, 71)).toBeUndefined()
        await driver.move({ kind: 'abandon', reason: 'x' })
        await driver.collect(2, [])
        await driver.close()
        expect(await store.updates.of(RUN, 2)).toMatchObject([{ id: 'u-c2-1', released: true }])
        expect((await actions()).slice(0, 2)).toEqual(['update.rejected', 'update.released'])
      })

      test('are found by state, run, round and client, from the newest', async () => {
        await prepare(store, 2)
        const driver = await lead()
        await driver.collect(1, ['c1', 'c2'])
        await submit('c1', 1)
        await submit('c2', 1)
        const found = async (filter: object) =>
          (await store.updates.page({ limit: 10, ...filter })).items.map(({ id }) => id)
        expect(await found({})).toEqual(['u-c2-1', 'u-c1-1'])
        expect(await found({ client: 'c1' })).toEqual(['u-c1-1'])
        expect(await found({ run: RUN, round: 1 })).toEqual(['u-c2-1', 'u-c1-1'])
        expect(await found({ round: 2, run: RUN })).toEqual([])
        expect(await found({ state: 'aggregated' })).toEqual([])
        expect(await found({ cursor: 'u-c2-1' })).toEqual(['u-c1-1'])
      })
    })

    test('counts bytes and refusals of clients', async () => {
      await prepare(store, 1)
      await (await lead()).collect(1, ['c1'])
      await store.presence.sent(RUN, 'c1', 500)
      await store.presence.refused(RUN, 'c1', 'corrupt')
      await store.presence.refused(RUN, 'c1', 'corrupt')
      expect(await store.clients.get('c1')).toMatchObject({
        bytes: { up: 0, down: 500 },
        updates: { rejected: 2 },
        holding: [{ run: RUN, version: 0 }],
      })
      expect(await store.runs.bytes(RUN)).toEqual({ up: 0, down: 500 })
    })

    leaseContract(() => store.leases)

    test('the audit log is whole, paged from the newest and by time', async () => {
      await prepare(store, 3)
      await enrol(store, 'c8')
      const { items, next_cursor } = await store.audit.page({ limit: 4 })
      expect(items.map(({ sequence }) => sequence)).toEqual([9, 8, 7, 6])
      const rest = await store.audit.page({ limit: 10, cursor: next_cursor ?? '' })
      expect(rest.items.map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2, 1])
      expect((await store.audit.page({ limit: 10, fromMs: 2 })).items).toHaveLength(4)
      expect((await store.audit.page({ limit: 10, toMs: 2 })).items).toHaveLength(5)
      expect(await store.audit.verify()).toMatchObject({ sound: true, entries: 9, head: items[0]!.hash })
    })
  })
}

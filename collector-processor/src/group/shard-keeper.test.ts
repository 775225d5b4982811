import { expect, test } from 'vitest'
import { openSqliteStore } from '../store/sqlite.ts'
import { ShardKeeper } from './shard-keeper.ts'

async function rig() {
  const store = await openSqliteStore({ path: ':memory:', clock: () => 0 })
  const fence = await store.shards.take('t/0', 'topic/0', 'a', 0)
  const waiting = new Set(Array.from({ length: 40 }, (_, n) => `s${n}`))
  const shard = {
    fence,
    lost: false,
    lose() {
      shard.lost = true
    },
    work: {
      learned: {
        unsaved: () => [...waiting],
        save(key: string) {
          waiting.delete(key)
          return key === 's1' ? null : Uint8Array.of(key.length)
        },
        failed: (key: string) => void waiting.add(key),
      },
    },
  }
  return { store, shard, waiting }
}

test('all that a shard learned is saved, and nothing twice', async () => {
  const { store, shard, waiting } = await rig()
  const keeper = new ShardKeeper(store.shardState)
  await keeper.save(shard)
  expect(waiting.size).toBe(0)
  const rows = await store.shardState.load(shard.fence)
  expect(rows.size).toBe(39)
  expect(rows.has('s1')).toBe(false)
  await store.close()
})

test('a shard that another process has by now is lost, and nothing of it is saved', async () => {
  const { store, shard } = await rig()
  const next = await store.shards.take('t/0', 'topic/0', 'b', 0)
  await new ShardKeeper(store.shardState).save(shard)
  expect(shard.lost).toBe(true)
  expect((await store.shardState.load(next)).size).toBe(0)
  await store.close()
})

test('what the store does not take waits for the next time', async () => {
  const { store, shard, waiting } = await rig()
  const keeper = new ShardKeeper({ save: () => Promise.reject(new Error('the disk is full')) })
  await expect(keeper.save(shard)).rejects.toThrow('the disk is full')
  expect(waiting.size).toBe(40)
  expect(shard.lost).toBe(false)
  await store.close()
})

import { expect, test } from 'vitest'
import { nextOf, Partition } from './partition.ts'
import { oneShard } from './shard.ts'
import { StreamClock } from './stream-clock.ts'

const shard = await oneShard({
  clock: new StreamClock(() => 0, 0),
  step: () => {},
  steppedMs: () => 0,
}).begin({ source: 'id/0', topic: 't', partition: 0 })

const partition = (number: number, times: readonly number[], end = times.length) => {
  const made = new Partition({
    topic: 't',
    partition: number,
    topicId: 'id',
    content: { kind: 'otlp', signal: 'traces' },
    position: 0,
    group: undefined,
    shard,
  })
  for (const [offset, timestampMs] of times.entries())
    made.add({ offset, timestampMs, key: null, value: Buffer.from('xyz'), headers: new Map() })
  made.position = times.length
  made.end = end
  return made
}

function drained(partitions: Partition[]): string[] {
  const order: string[] = []
  for (let next = nextOf(partitions); next !== undefined; next = nextOf(partitions)) {
    order.push(`${next.partition}@${next.head?.timestampMs}`)
    next.shift()
  }
  return order
}

test('partitions are read side by side in time, each in its own order', () => {
  const order = drained([partition(0, [10, 40, 20]), partition(1, [5, 15, 30])])
  expect(order).toEqual(['1@5', '0@10', '1@15', '1@30', '0@40', '0@20'])
})

test('nothing is taken while a partition that has more may hold an older message', () => {
  const behind = partition(1, [5], 3)
  const other = partition(0, [10, 20])
  expect(drained([other, behind])).toEqual(['1@5'])
  expect([behind.atEnd, other.atEnd]).toEqual([false, true])
  behind.end = 1
  expect(drained([other, behind])).toEqual(['0@10', '0@20'])
})

test('bytes read ahead and lag follow what is taken', () => {
  const one = partition(0, [1, 2, 3], 10)
  const bytes = one.bytes
  expect(bytes).toBeGreaterThan(9)
  one.progress.take(0, 1)
  one.shift()
  expect(one.bytes).toBe((bytes * 2) / 3)
  expect(one.lag).toBe(9)
  while (one.head !== undefined) one.shift()
  expect(one.bytes).toBe(0)
})

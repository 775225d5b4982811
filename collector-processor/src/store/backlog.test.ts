import { DatabaseUnwritable } from '@adf/service'
import { expect, test } from 'vitest'
import { Backlog, type KeptWrite } from './backlog.ts'

/** A disk that is full while `full`; `log` is what got through, in its order. */
function disk({ limit = 100 } = {}) {
  const log: string[] = []
  const late: string[] = []
  const lost: string[] = []
  const state = { full: false }
  const refused = () => new DatabaseUnwritable('SQLITE_FULL', new Error('full'))
  const backlog = new Backlog({
    store: { fault: () => (state.full ? 'the disk is full' : undefined) },
    lost: (what) => lost.push(what),
    limit,
  })
  const write = (key: string, value = key, what: KeptWrite['what'] = 'anomaly') =>
    backlog.write({
      key,
      what,
      async run() {
        await Promise.resolve()
        if (value === 'bad') throw new Error('constraint')
        if (state.full) throw refused()
        log.push(value)
      },
      late: async () => void late.push(value),
    })
  return { backlog, write, log, late, lost, state }
}

test('what is refused on a full disk is written in its order once there is room', async () => {
  const { backlog, write, log, late, lost, state } = disk()
  expect(await write('a')).toBe(true)
  // The disk fills while these two are under way: nothing is known of it when they begin.
  const under = [write('b'), write('c')]
  state.full = true
  expect(await Promise.all(under)).toEqual([false, false])
  expect(await write('d')).toBe(false)
  expect([log, backlog.waiting]).toEqual([['a'], 3])
  await backlog.retry()
  expect(backlog.waiting).toBe(3)
  state.full = false
  await backlog.retry()
  expect(log).toEqual(['a', 'b', 'c', 'd'])
  expect([late, backlog.waiting, lost]).toEqual([['b', 'c', 'd'], 0, []])
})

test('of one thing only its last state is written, and never an older one after it', async () => {
  const { backlog, write, log, state } = disk()
  const under = [write('i', 'opened'), write('i', 'updated')]
  state.full = true
  await Promise.all(under)
  await write('i', 'resolved')
  expect(backlog.waiting).toBe(1)
  state.full = false
  const retry = backlog.retry()
  const later = write('i', 'judged')
  await Promise.all([retry, later])
  await backlog.retry()
  expect(log.at(-1)).toBe('judged')
  expect(log).not.toContain('opened')
  expect(log).not.toContain('updated')
})

test('past the limit of a kind the newest is lost and told; other kinds have their own room', async () => {
  const { backlog, write, log, lost, state } = disk({ limit: 2 })
  state.full = true
  for (const key of ['a', 'b', 'c']) await write(key)
  await write('i', 'i', 'incident')
  expect(lost).toEqual(['anomaly'])
  state.full = false
  await backlog.retry()
  expect(log).toEqual(['a', 'b', 'i'])
})

test('what is refused for itself is lost, and holds nothing up', async () => {
  const { backlog, write, log, lost, state } = disk()
  state.full = true
  await write('x', 'bad')
  await write('y')
  state.full = false
  await backlog.retry()
  expect([log, lost, backlog.waiting]).toEqual([['y'], ['anomaly'], 0])
})

test('at the end all is tried once more; what is left is told', async () => {
  const { backlog, write, log, lost, state } = disk()
  state.full = true
  await write('a')
  await backlog.end()
  expect([log, lost, backlog.waiting]).toEqual([[], ['anomaly'], 0])
})

test('what is refused later than what began after it is made again before it all the same', async () => {
  const { backlog, state } = disk()
  const begun: string[] = []
  const write = (key: string, hops: number) =>
    backlog.write({
      key,
      what: 'anomaly',
      async run() {
        begun.push(key)
        for (let i = 0; i < hops; i++) await Promise.resolve()
        if (state.full) throw new DatabaseUnwritable('SQLITE_FULL', new Error('full'))
      },
      late: () => undefined,
    })
  const under = [write('anomaly', 5), write('its assignment', 1)]
  state.full = true
  expect(await Promise.all(under)).toEqual([false, false])
  state.full = false
  await backlog.retry()
  expect(begun).toEqual(['anomaly', 'its assignment', 'anomaly', 'its assignment'])
})

import { expect, test } from 'vitest'
import type { Component } from './component.ts'
import { ComponentError, Lifecycle } from './lifecycle.ts'

const part = (
  name: string,
  log: string[],
  faults: { start?: Error; stop?: Error | Promise<void> } = {},
): Component => ({
  name,
  start: async () => {
    if (faults.start) throw faults.start
    log.push(`start ${name}`)
  },
  stop: async () => {
    log.push(`stop ${name}`)
    if (faults.stop instanceof Error) throw faults.stop
    await faults.stop
  },
})

test('starts in order and stops in reverse, once', async () => {
  const log: string[] = []
  const lifecycle = new Lifecycle([part('a', log), part('b', log), part('c', log)])
  await lifecycle.start()
  await Promise.all([lifecycle.stop(), lifecycle.stop()])
  await lifecycle.stop()
  expect(log).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a'])
})

test('a component that does not start stops those before it and is named', async () => {
  const log: string[] = []
  const bad = part('b', log, { start: new Error('port taken') })
  const lifecycle = new Lifecycle([part('a', log), bad, part('c', log)])
  const failure = await lifecycle.start().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ComponentError)
  expect(failure).toMatchObject({ component: 'b', message: 'b did not start: port taken' })
  expect(log).toEqual(['start a', 'stop b', 'stop a'])
  await lifecycle.stop()
  expect(log).toHaveLength(3)
})

test('every failure to stop is reported and keeps nobody else from stopping', async () => {
  const log: string[] = []
  const stuck = part('stuck', log, { stop: new Promise<void>(() => {}) })
  const lifecycle = new Lifecycle([part('a', log), stuck, part('c', log, { stop: new Error('no') })], {
    stopTimeoutMs: 10,
  })
  await lifecycle.start()
  const failure = await lifecycle.stop().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AggregateError)
  expect((failure as AggregateError).errors.map(({ message }) => message)).toEqual([
    'c did not stop: no',
    'stuck did not stop: still busy after 10 ms',
  ])
  expect(log.slice(3)).toEqual(['stop c', 'stop stuck', 'stop a'])
})

test('a stop during the start begins nothing further and stops what began', async () => {
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const slow: Component = { ...part('slow', log), start: () => gate.promise }
  const lifecycle = new Lifecycle([slow, part('b', log)])
  const started = lifecycle.start()
  const stopped = lifecycle.stop()
  gate.resolve()
  await Promise.all([started, stopped])
  expect(log).toEqual(['stop slow'])
})

test('a stop before the start is without effect, and a stopped lifecycle is not started', async () => {
  const log: string[] = []
  const lifecycle = new Lifecycle([part('a', log)])
  await lifecycle.stop()
  expect(log).toEqual([])
  await expect(lifecycle.start()).rejects.toThrow('started or stopped before')
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

function launch(behaviour: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process.test-program.ts'), behaviour])
  const lines = createInterface(child.stdout)
  const out: string[] = []
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  lines.on('line', (line) => out.push(line))
  return {
    child,
    out,
    log: () => log,
    said: async (line: string) => {
      while (!out.includes(line)) await once(lines, 'line')
    },
    status: once(child, 'close').then(([code]) => code as number | null),
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s drains and exits with 0', async (signal) => {
  const run = launch('well')
  await run.said('up')
  run.child.kill(signal)
  expect(await run.status).toBe(0)
  expect(run.out).toEqual(['up', 'draining', 'drained'])
})

test('a second signal ends a drain that hangs, with 1', async () => {
  const run = launch('hang')
  await run.said('up')
  run.child.kill('SIGTERM')
  await run.said('draining')
  run.child.kill('SIGTERM')
  expect(await run.status).toBe(1)
  expect(run.out).not.toContain('drained')
})

test.each([
  ['throw', 'thrown'],
  ['reject', 'forgotten'],
])('an unhandled error (%s) is logged, drains and exits with 1', async (behaviour, message) => {
  const run = launch(behaviour)
  expect(await run.status).toBe(1)
  expect(run.out).toContain('drained')
  expect(run.log()).toContain(message)
})

test('a failed start is logged and exits with 1', async () => {
  const run = launch('no-start')
  expect(await run.status).toBe(1)
  expect(run.log()).toContain('part did not start: no port')
})

test('the end asked for from inside exits with 0', async () => {
  const run = launch('until')
  expect(await run.status).toBe(0)
  expect(run.out.at(-1)).toBe('drained')
})

test('a start that the operator can mend is told, not logged', async () => {
  const run = launch('no-port')
  expect(await run.status).toBe(3)
  expect(run.out).toEqual(['draining', 'drained', 'told: the port is taken; stop who has it'])
  expect(run.log()).toBe('')
})

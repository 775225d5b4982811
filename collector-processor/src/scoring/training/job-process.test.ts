import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { TestJob } from './job.test-process.ts'
import { runInProcess } from './job-process.ts'

const script = new URL('./job.test-process.ts', import.meta.url)
const run = (job: TestJob, signal = new AbortController().signal) => runInProcess(script, job, signal)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adf-job-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A process that waits, begun by what `begin` is given. */
async function waiting(begin: (pidFile: string) => void): Promise<number> {
  const pidFile = join(folder, 'pid')
  begin(pidFile)
  return vi.waitFor(() => {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    expect(pid).toBeGreaterThan(0)
    return pid
  }, 15_000)
}
const isGone = (pid: number) => expect(() => process.kill(pid, 0)).toThrow('ESRCH')

it('takes typed arrays there and back', async () => {
  const values = Float32Array.of(0.1, 2, 3)
  expect(await run({ kind: 'sum', values })).toEqual({ sum: expect.closeTo(5.1), values })
})

it('tells what was thrown, and that the process ended without an answer', async () => {
  await expect(run({ kind: 'throw' })).rejects.toThrow('no such job')
  await expect(run({ kind: 'crash' })).rejects.toThrow(
    'the training process ended without an answer, by SIGTRAP',
  )
  await expect(run({ kind: 'leave' })).rejects.toThrow(
    'the training process ended without an answer, with code 3',
  )
  const missing = new URL('./missing.test-process.ts', import.meta.url)
  await expect(runInProcess(missing, {}, new AbortController().signal)).rejects.toThrow('with code 1')
})

it('ends the process when it is aborted, and starts none when it was', async () => {
  const stop = new AbortController()
  let running: Promise<unknown> | undefined
  const pid = await waiting((pidFile) => {
    running = run({ kind: 'wait', pidFile }, stop.signal)
    running.catch(() => {})
  })
  stop.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
  isGone(pid)
  await expect(run({ kind: 'throw' }, stop.signal)).rejects.toThrow('stopped')
})

it('leaves no process behind when the one that began it is killed', async () => {
  const kill = new AbortController()
  const pid = await waiting((pidFile) => {
    run({ kind: 'delegate', pidFile }, kill.signal).catch(() => {})
  })
  kill.abort()
  await vi.waitFor(() => isGone(pid), 15_000)
})

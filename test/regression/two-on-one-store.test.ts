import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'
import { runAdf } from '../harness/process.ts'

test('a second adf up on the same store is refused by name, and none is after SIGKILL', async () => {
  let adf = await startAdf()
  try {
    const second = runAdf(['up', '--config', join(adf.folder, 'adf.yaml')])
    expect(await second.exited).not.toBe(0)
    expect(second.output()).toMatch(/adf\.db is in use by another adf, pid \d+/)
    expect((await adf.get('/ready')).status).toBe(200)

    await adf.kill('SIGKILL')
    adf = await adf.restart()
    expect((await adf.get('/ready')).status).toBe(200)
  } finally {
    await adf.stop()
  }
})

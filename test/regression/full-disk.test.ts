import { spawnSync } from 'node:child_process'
import { Problem, Status } from '@adf/contract'
import { expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'

test.skipIf(spawnSync('prlimit', ['--version']).error)(
  'while nothing can be written that is what is answered and told, and it ends by itself',
  async () => {
    const adf = await startAdf()
    /** Bytes that a file of the process may have: over it, writes fail as on a full disk. */
    const limit = (bytes: string) =>
      spawnSync('prlimit', [`--fsize=${bytes}:`, '--pid', String(adf.process.child.pid)])
    const setThreshold = () =>
      fetch(`${adf.api}/api/thresholds`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ stream: 'service', entity_id: 'shop/payment', value: 0.9 }),
      })
    try {
      expect(limit('1').status).toBe(0)
      const refused = await setThreshold()
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Problem.parse(await refused.json())).toMatchObject({
        code: 'store_unwritable',
        detail: expect.stringMatching(/^the database cannot be written: .*\(SQLITE_(FULL|IOERR_WRITE)\)$/),
      })
      const ready = await adf.get('/ready')
      expect(ready.status).toBe(503)
      expect(await ready.text()).toContain('the database cannot be written')
      expect(Status.parse(await adf.json('/api/status'))).toMatchObject({
        ready: false,
        store: { writable: false, last_error: expect.stringContaining('cannot be written') },
      })

      limit('unlimited')
      await until('/ready again', async () => (await adf.get('/ready')).ok)
      expect((await setThreshold()).status).toBe(200)
      expect(adf.process.output().match(/the store cannot be written/g)).toHaveLength(1)
      expect(adf.process.output()).not.toContain('cannot rollback')
    } finally {
      await adf.stop()
    }
  },
)

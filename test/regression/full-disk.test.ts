import { spawnSync } from 'node:child_process'
import { AnomalyPage, IncidentPage, Problem, Status } from '@adf/contract'
import { expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'

const cannotLimit = spawnSync('prlimit', ['--version']).error !== undefined

/** Bytes that a file of the process may have: over it, writes fail as on a full disk. */
const limitOf = (adf: RunningAdf) => (bytes: string) =>
  spawnSync('prlimit', [`--fsize=${bytes}:`, '--pid', String(adf.process.child.pid)])

test.skipIf(cannotLimit)(
  'while nothing can be written that is what is answered and told, and it ends by itself',
  async () => {
    const adf = await startAdf()
    const limit = limitOf(adf)
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

test.skipIf(cannotLimit)(
  'what is found while the disk is full is stored when there is room again',
  async () => {
    const adf = await startAdf({
      edge: { window: '1s', step: '100ms', detection: { settle: 0, warm_up: 50 } },
      streams: { meters: { kind: 'event', entity: 'id', features: { volts: {} } } },
    })
    const limit = limitOf(adf)
    const events = async (volts: readonly number[]) => {
      const body = JSON.stringify(volts.map((each) => ({ id: 'm1', volts: each })))
      const headers = { 'content-type': 'application/json' }
      expect(await fetch(`${adf.api}/api/events/meters`, { method: 'POST', headers, body })).toMatchObject({
        status: 200,
      })
    }
    const anomalies = async () => AnomalyPage.parse(await adf.json('/api/anomalies')).items
    try {
      await until('it is warm', async () => {
        await events(Array.from({ length: 20 }, (_, i) => 230 + Math.sin(i)))
        return (await adf.metric('adf_vectors_scored_total')) > 0
      })
      expect(await anomalies()).toEqual([])

      expect(limit('1').status).toBe(0)
      await events([1000, 1000, 1000, 1000])
      await until('the incident waits', async () => (await adf.metric('adf_store_waiting_writes')) >= 5)
      expect(await adf.metric('adf_anomalies_detected_total')).toBe(4)
      expect(await anomalies()).toEqual([])

      limit('unlimited')
      await until('nothing waits', async () => (await adf.metric('adf_store_waiting_writes')) === 0)
      const stored = await anomalies()
      const { items } = IncidentPage.parse(await adf.json('/api/incidents'))
      expect(items).toMatchObject([{ state: 'open', anomaly_count: 4 }])
      expect(stored.map(({ incident_id }) => incident_id)).toEqual(Array(4).fill(items[0]?.id))
      expect(await adf.metric('adf_store_lost_total')).toBe(0)
    } finally {
      await adf.stop()
    }
  },
)

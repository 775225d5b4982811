import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AnomalyPage, IncidentPage, Problem } from '@adf/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { PASSWORD, type RunningPostgres, startPostgres } from '../harness/postgresql.ts'
import { runAdf, temporaryFolder, until } from '../harness/process.ts'
import { describeWith } from '../harness/requirement.ts'
import { needs } from '../harness/servers.ts'

describeWith(needs('postgresql'), 'a processor on PostgreSQL', () => {
  let postgres: RunningPostgres
  let adf: RunningAdf
  const store = () => ({
    url: postgres.url(),
    password: PASSWORD,
    connect_timeout: '2s',
    statement_timeout: '2s',
  })
  const folder = temporaryFolder()

  beforeAll(async () => {
    postgres = await startPostgres()
    adf = await startAdf({
      store: store(),
      edge: { window: '1s', step: '100ms', detection: { settle: 0, warm_up: 50 } },
      streams: { meters: { kind: 'event', entity: 'id', features: { volts: {} } } },
    })
    await until('it is warm', async () => {
      await events(Array.from({ length: 20 }, (_, i) => 230 + Math.sin(i)))
      return (await adf.metric('adf_vectors_scored_total')) > 0
    })
  })
  afterAll(async () => {
    await adf?.stop()
    await postgres?.stop()
    folder.remove()
  })

  const send = (method: string, path: string, body: unknown) =>
    fetch(`${adf.api}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const events = async (volts: readonly number[]) => {
    const answer = await send(
      'POST',
      '/api/events/meters',
      volts.map((each) => ({ id: 'm1', volts: each })),
    )
    expect(answer.status).toBe(200)
  }
  const anomalies = async () => AnomalyPage.parse(await adf.json('/api/anomalies')).items
  const setThreshold = (entity_id: string) =>
    send('PUT', '/api/thresholds', { stream: 'meters', entity_id, value: 0.9 })
  const ready = () => until('/ready again', async () => (await adf.get('/ready')).ok)
  const refusal = async (answer: Response) => Problem.parse(await answer.json())

  test('keeps anomalies, incidents and verdicts over a SIGKILL, and claims its schema', async () => {
    await events([1000, 1000, 1000, 1000])
    const found = await until('an incident of four', async () => {
      const four = await anomalies()
      return four.length === 4 && four.every(({ incident_id }) => incident_id !== null) && four
    })
    const [anomaly] = found
    const given = await send('POST', '/api/feedback', { anomaly_id: anomaly?.id, verdict: 'true_positive' })
    expect(given.ok).toBe(true)

    const other = runAdf([
      'up',
      '--set',
      `store.url=${postgres.url()}`,
      '--set',
      `store.password=${PASSWORD}`,
    ])
    expect(await other.exited).toBe(1)
    expect(other.output()).toMatch(
      /is in use by another adf, pid \d+ on .*; stop that one, or give this one its own/,
    )

    await adf.kill('SIGKILL')
    adf = await adf.restart()
    expect(await anomalies()).toEqual(
      found.map((one) => (one === anomaly ? { ...one, verdict: 'true_positive' } : one)),
    )
    expect(IncidentPage.parse(await adf.json('/api/incidents')).items).toMatchObject([{ anomaly_count: 4 }])
    await until('what was learned is back', async () => {
      await events([230, 231])
      return (await adf.metric('adf_vectors_scored_total')) > 0
    })
  })

  test('the query of the docs gives Grafana its anomalies', async () => {
    const docs = readFileSync(new URL('../../docs/database.md', import.meta.url), 'utf8')
    const query = /```sql\n(select[^`]*)```/.exec(docs)?.[1] ?? ''
    const asked = query.replace(
      '$__timeFilter(to_timestamp(time_ms / 1000.0))',
      "to_timestamp(time_ms / 1000.0) > now() - interval '1 hour'",
    )
    const [row] = (await postgres.sql(asked)).split('\n')
    expect(row).toMatch(/^20\d\d-.*\|meters\|.*\|/)
  })

  test('a server that is gone is told, what is found meanwhile waits, and it goes on by itself', async () => {
    const before = (await anomalies()).length
    await postgres.halt('immediate')
    const refused = await setThreshold('m1')
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refusal(refused)).toMatchObject({
      code: 'store_unwritable',
      detail: expect.stringMatching(/cannot be reached/),
    })
    const read = await adf.get('/api/anomalies')
    expect([read.status, (await refusal(read)).code]).toEqual([503, 'store_unavailable'])
    expect((await adf.get('/ready')).status).toBe(503)
    await events([1000, 1000, 1000])
    await until('they wait', async () => (await adf.metric('adf_store_waiting_writes')) >= 3)

    await postgres.start()
    await ready()
    await until('nothing waits', async () => (await adf.metric('adf_store_waiting_writes')) === 0)
    expect((await anomalies()).length).toBe(before + 3)
    expect(await adf.metric('adf_store_lost_total')).toBe(0)
  })

  test('of what was acknowledged nothing is lost when sessions are ended again and again', async () => {
    const kept: string[] = []
    let going = true
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (going) {
          const entity = randomUUID()
          const answer = await setThreshold(entity)
          if (answer.ok) kept.push(entity)
          else expect(answer.status).toBe(503)
          await answer.arrayBuffer()
        }
      }),
    )
    for (let n = 0; n < 10; n++) {
      const had = kept.length
      await postgres.sql(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'adf'",
      )
      await until('more are written', () => kept.length > had + 5)
    }
    going = false
    await writing
    const stored = (await postgres.sql('select entity_id from adf.thresholds')).split('\n')
    expect(kept.length).toBeGreaterThan(50)
    expect(kept.filter((entity) => !stored.includes(entity))).toEqual([])
  })

  test('a server that was made read-only is told, and written again when it is no more', async () => {
    await postgres.sql('alter system set default_transaction_read_only = on')
    await postgres.sql('select pg_reload_conf()')
    const refused = await until('a refusal', async () => {
      const answer = await setThreshold('m2')
      return answer.status === 503 && answer
    })
    expect(await refusal(refused)).toMatchObject({
      code: 'store_unwritable',
      detail: expect.stringContaining('25006'),
    })
    await postgres.sql('alter system reset default_transaction_read_only')
    await postgres.sql('select pg_reload_conf()')
    await ready()
    expect((await setThreshold('m2')).status).toBe(200)
  })

  test('a lock that nobody gives back is told after statement_timeout, and waited for no longer', async () => {
    const holding = postgres.sql('begin; lock table adf.thresholds; select pg_sleep(600)')
    holding.catch(() => {})
    await until(
      'the lock',
      async () =>
        (await postgres.sql(
          "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'adf.thresholds'::regclass",
        )) === '1',
    )
    const refused = await setThreshold('m3')
    expect(refused.status).toBe(503)
    expect(await refusal(refused)).toMatchObject({
      code: 'store_unwritable',
      detail: expect.stringContaining('57014'),
    })
    await postgres.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%lock table%' and state = 'active' and pid <> pg_backend_pid()",
    )
    await expect(holding).rejects.toThrow(/terminating connection/)
    await ready()
    expect((await setThreshold('m3')).status).toBe(200)
  })

  test('adf db moves it to a file and back up to the row, and will not while it runs', async () => {
    const settings = ['--set', `store.url=${postgres.url()}`, '--set', `store.password=${PASSWORD}`, '--json']
    const db = async (...args: string[]) => {
      const child = runAdf(['db', ...args])
      return { code: await child.exited, output: child.output() }
    }
    const file = `${folder.path}/moved.db`
    const early = await db('move', '--to', file, ...settings)
    expect(early).toMatchObject({ code: 1, output: expect.stringMatching(/in use by another adf/) })
    expect(await db('backup', `${folder.path}/backup.db`, ...settings)).toMatchObject({ code: 0 })
    const found = await anomalies()
    await adf.kill('SIGTERM')

    const moved = await db('move', '--to', file, ...settings)
    expect(moved.code).toBe(0)
    const { tables } = JSON.parse(moved.output)
    expect(tables).toContainEqual({
      table: 'anomalies',
      rows: found.length,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await db('restore', file, ...settings)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/is not empty/),
    })
    const back = await db('restore', file, ...settings, '--set', 'store.schema=again')
    expect(JSON.parse(back.output).tables).toEqual(tables)
    expect(await db('migrate', '--down', ...settings)).toMatchObject({ code: 2 })
    expect(await db('migrate', '--down', '--yes', ...settings, '--set', 'store.schema=again')).toMatchObject({
      code: 0,
    })
    expect(await db('migrate', ...settings, '--set', 'store.schema=again')).toMatchObject({ code: 0 })

    adf = await adf.restart()
    expect(await anomalies()).toEqual(found)
  })
})

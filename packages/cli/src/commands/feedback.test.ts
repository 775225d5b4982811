import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Anomaly, Incident, Threshold, Verdict, VerdictLog } from '@adf/contract'
import { openSqliteStore } from '@adf/processor'
import { afterAll, beforeAll, expect, it } from 'vitest'
import goldenAnomaly from '../../../contract/src/golden/anomaly.json' with { type: 'json' }
import goldenIncident from '../../../contract/src/golden/incident.json' with { type: 'json' }
import { runAdf } from '../program/adf.test-program.ts'
import { freePort, type RunningAdf, startAdf } from '../program/adf-up.test-program.ts'

const TIMEOUT_MS = 120_000
const folder = mkdtempSync(join(tmpdir(), 'adf-feedback-'))
const incident = Incident.parse({
  ...goldenIncident,
  state: 'resolved',
  resolved_at: goldenIncident.updated_at,
})
const anomaly = Anomaly.parse({ ...goldenAnomaly, incident_id: incident.id })
let adf: RunningAdf
beforeAll(async () => {
  const store = await openSqliteStore({ path: join(folder, 'adf.db'), clock: Date.now })
  await store.incidents.save(incident)
  await store.anomalies.add(anomaly)
  await store.close()
  adf = await startAdf(folder, ['store.retention=36500d'])
}, TIMEOUT_MS)
afterAll(async () => {
  await adf?.stop()
  rmSync(folder, { recursive: true })
})
const run = (...args: string[]) => runAdf(args, { ADF_URL: adf.url })
const refused = (err: string, status = 1) => ({ status, out: '', err: expect.stringContaining(err) })

it(
  'feedback is given, changed, listed and taken back',
  async () => {
    const given = await run(
      '--json',
      'feedback',
      'give',
      'noise',
      '--incident',
      incident.id,
      '--author',
      'ada',
    )
    const verdict = Verdict.parse(JSON.parse(given.out))
    expect(verdict).toMatchObject({ verdict: 'false_positive', author: 'ada' })
    const changed = await run('feedback', 'give', 'useful', '--incident', incident.id, '--author', 'ada')
    expect(changed).toMatchObject({
      status: 0,
      out: `verdict ${verdict.id}: incident ${incident.id} is useful\n`,
    })
    const { status } = await run(
      'feedback',
      'give',
      'true_positive',
      '--anomaly',
      anomaly.id,
      '--note',
      'slow',
    )
    expect(status).toBe(0)
    expect((await run('feedback', 'withdraw', verdict.id)).out).toBe(`verdict ${verdict.id} is taken back\n`)

    const log = VerdictLog.parse(JSON.parse((await run('--json', 'feedback', 'list')).out))
    expect(log.items.map(({ cursor, withdrawn }) => [cursor, withdrawn])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ])
    const { out } = await run('feedback', 'list', '--limit', '2')
    expect(out).toMatch(/^CURSOR +TIME +VERDICT/)
    expect(out).toMatch(/\n +3 .* anomaly \S+ +useful .*\n +4 .* incident \S+ +useful, taken back +ada/)
    expect((await run('feedback', 'list', '--after', '4')).out).toBe('no verdicts\n')
  },
  TIMEOUT_MS,
)

it(
  'feedback says what is wrong',
  async () => {
    const give = (...args: string[]) => run('feedback', 'give', ...args)
    expect(await give('useful', '--incident', 'none')).toEqual(refused('there is no incident none'))
    expect(await give('maybe', '--incident', incident.id)).toEqual(refused('say useful or noise', 2))
    expect(await give('useful')).toEqual(refused('give one of --incident and --anomaly', 2))
    expect(await give('useful', '--incident', 'a', '--anomaly', 'b')).toEqual(refused('give one of', 2))
    expect(await run('feedback', 'withdraw', 'none')).toEqual(refused('there is no verdict none'))
    expect(await run('feedback', 'list', '--limit', '501')).toEqual(refused('limit: '))
    expect(await run('feedback', 'list', '--url', 'nowhere')).toEqual(refused('is not an address', 2))
    const gone = `http://127.0.0.1:${await freePort()}`
    expect(await run('feedback', 'list', '--url', gone)).toEqual(refused(`no ADF answers at ${gone}`))
  },
  TIMEOUT_MS,
)

it(
  'thresholds are set, listed, told with their history, and rolled back',
  async () => {
    const entity = 'shop/payment/payment-1'
    expect((await run('thresholds', 'list')).out).toBe(
      'every entity has the initial threshold: by the budget of alerts of each\n',
    )
    expect(await run('thresholds', 'set', 'service', entity, '1.25', '--reason', 'backups')).toMatchObject({
      status: 0,
      out: `${entity} in service has the threshold 1.25 (version 1)\n`,
    })
    const set = await run('--json', 'thresholds', 'set', 'service', entity, '1.5', '--if-version', '1')
    expect(Threshold.parse(JSON.parse(set.out))).toMatchObject({ value: 1.5, version: 2, source: 'operator' })
    expect((await run('thresholds', 'list')).out).toMatch(
      /service +shop\/payment\/payment-1 +1\.5 +operator +2 /,
    )
    expect((await run('thresholds', 'rollback', 'service', entity, '--reason', 'worse')).out).toMatch(
      /\n +3 .* 1\.5 +1\.25 +rollback +worse\n$/,
    )
    expect((await run('thresholds', 'set', 'service', entity, 'initial')).out).toBe(
      `${entity} in service has the initial threshold again\n`,
    )
    expect((await run('thresholds', 'rollback', '--to-version', '2')).status).toBe(0)
    const history = await run('--json', 'thresholds', 'history', '--entity', entity)
    expect(JSON.parse(history.out).map(({ to }: { to: number | null }) => to)).toEqual([
      1.5,
      null,
      1.25,
      1.5,
      1.25,
    ])
    expect((await run('thresholds', 'rollback', '--to-version', '5')).out).toBe(
      'nothing to take back: all is as it was then\n',
    )
  },
  TIMEOUT_MS,
)

it(
  'thresholds say what is wrong',
  async () => {
    const set = (...args: string[]) => run('thresholds', 'set', ...args)
    for (const value of ['2.1', 'NaN', '', 'high'])
      expect(await set('service', 'a', value)).toEqual(refused('not a threshold from 0 to 2', 2))
    expect(await set('none', 'a', '1')).toEqual(refused('no stream none is configured'))
    expect(await set('service', 'x'.repeat(600), '1')).toEqual(refused('entity_id: '))
    expect(await set('service', 'a', '1', '--if-version', '7')).toEqual(refused('(version 0)'))
    const rollback = (...args: string[]) => run('thresholds', 'rollback', ...args)
    expect(await rollback()).toEqual(refused('give a stream and an entity, or --to-version', 2))
    expect(await rollback('service')).toEqual(refused('of which entity of service?', 2))
    expect(await rollback('service', 'nobody')).toEqual(refused('was never changed'))
    expect(await rollback('--to-version', '99')).toEqual(refused('there is no version 99'))
  },
  TIMEOUT_MS,
)

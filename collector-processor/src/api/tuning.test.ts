import {
  Problem,
  ScoreHistory,
  Threshold,
  ThresholdHistory,
  ThresholdPage,
  ThresholdRollbackAnswer,
  Verdict,
  VerdictLog,
} from '@adf/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LevelBuffers } from '../scoring/history/level-buffers.ts'
import { sampleAnomaly, sampleIncident } from '../store/sample.test-data.ts'
import { BLOCK_MS } from '../store/score-block.ts'
import { startApi } from './api.test-server.ts'

const START = 100 * BLOCK_MS
let now = START
let server: Awaited<ReturnType<typeof startApi>>
beforeEach(async () => {
  now = START
  server = await startApi({ clock: () => now, mostThresholds: 2 })
})
afterEach(() => server.stop())
const at = (ms: number) => new Date(ms).toISOString()
const entity = { stream: 'service', entity_id: 'payment/1' }
const refused = (answer: Awaited<ReturnType<typeof server.send>>) => {
  expect(answer.type).toContain('application/problem+json')
  const { status, code, detail } = Problem.parse(answer.json)
  expect(status).toBe(answer.status)
  return [status, code, detail]
}

describe('thresholds', () => {
  const put = (more: object) => server.send('PUT', '/api/thresholds', { ...entity, ...more })
  const roll = (body: object) => server.send('POST', '/api/thresholds/rollback', body)

  test('are set, told, listed with their version, and given back', async () => {
    expect((await put({ value: 1.25, reason: 'backups' })).json).toEqual({
      ...entity,
      value: 1.25,
      source: 'operator',
      version: 1,
      reason: 'backups',
      updated_at: at(START),
      updated_by: null,
    })
    expect(ThresholdPage.parse((await server.get('/api/thresholds')).json)).toMatchObject({
      initial: 0.8,
      version: 1,
      items: [{ entity_id: 'payment/1', value: 1.25 }],
    })
    expect((await put({ value: 1.25 })).status).toBe(200)
    expect((await put({ value: null })).json).toBeNull()
    expect(refused(await put({ value: null }))).toEqual([
      404,
      'not_found',
      'payment/1 has the initial threshold in service already',
    ])
    // Told of what changed, and only of that.
    expect(server.told.thresholds).toEqual([1, 2])
    const history = ThresholdHistory.parse((await server.get('/api/thresholds/history?limit=1')).json)
    expect(history).toMatchObject({ items: [{ version: 2, from: 1.25, to: null }], next_cursor: '2' })
    const rest = await server.get(`/api/thresholds/history?entity=payment%2F1&cursor=${history.next_cursor}`)
    expect(ThresholdHistory.parse(rest.json)).toMatchObject({ items: [{ version: 1 }], next_cursor: null })
  })

  test('are refused with what is there instead', async () => {
    await put({ value: 0.9 })
    expect(refused(await put({ value: 0.7, source: 'tuner' }))).toEqual([
      409,
      'overridden',
      'an operator set the threshold of payment/1 in service to 0.9; the tuner does not change it',
    ])
    expect(refused(await put({ value: 0.7, if_version: 3 }))).toEqual([
      409,
      'conflict',
      'the threshold of payment/1 in service has version 1 now; read it again',
    ])
    await put({ value: null })
    const conflict = await put({ value: 0.7, if_version: 1 })
    expect(refused(conflict)).toEqual([
      409,
      'conflict',
      'the threshold of payment/1 in service is the initial one now (version 0)',
    ])
    expect(conflict.json).toMatchObject({ version: 0 })
    expect(Threshold.parse((await put({ value: 0.7, if_version: 0 })).json).version).toBe(3)
    expect(server.told.thresholds).toEqual([1, 2, 3])
  })

  test('are bounded, and what is refused is counted', async () => {
    const other = (n: number) => put({ entity_id: `other/${n}`, value: 0.9 })
    await put({ value: 0.9 })
    await other(1)
    const before = await server.store.thresholds.version()
    const refusal = await other(2)
    expect(refused(refusal)).toEqual([
      409,
      'too_many_thresholds',
      '2 thresholds differ from the initial one already; give others back, or raise store.max_thresholds',
    ])
    expect(refusal.json).toMatchObject({ most: 2 })
    expect(await server.store.thresholds.version()).toBe(before)
    expect((await put({ value: 0.7, source: 'tuner' })).status).toBe(409)
    expect((await put({ value: 0.7, if_version: 7 })).status).toBe(409)
    expect((await put({ value: null })).status).toBe(200)
    expect((await other(2)).status).toBe(200)
    expect(refused(await roll(entity)).slice(0, 2)).toEqual([409, 'too_many_thresholds'])
    const counts = await server.registry.getSingleMetricAsString('adf_thresholds_refused_total')
    for (const [reason, count] of [
      ['too_many', 2],
      ['overridden', 1],
      ['conflict', 1],
    ])
      expect(counts).toContain(`{reason="${reason}"} ${count}`)
  })

  test.each<[object, number, string]>([
    [{ value: 2.1 }, 400, 'invalid_request'],
    [{ value: -0.1 }, 400, 'invalid_request'],
    [{ value: 'NaN' }, 400, 'invalid_request'],
    [{}, 400, 'invalid_request'],
    [{ value: 1, source: 'nobody' }, 400, 'invalid_request'],
    [{ value: 1, if_version: -1 }, 400, 'invalid_request'],
    [{ value: 1, if_version: 1.5 }, 400, 'invalid_request'],
    [{ value: 1, entity_id: 'x'.repeat(600) }, 400, 'invalid_request'],
    [{ value: 1, reason: 'x'.repeat(1025) }, 400, 'invalid_request'],
    [{ value: 1, colour: 'red' }, 400, 'invalid_request'],
    [{ value: 1, stream: 'none' }, 404, 'unknown_stream'],
  ])('PUT %j: %d %s, and nothing is changed', async (more, status, code) => {
    expect(refused(await put(more)).slice(0, 2)).toEqual([status, code])
    expect(await server.store.thresholds.version()).toBe(0)
  })

  test('NaN is no JSON', async () => {
    const answer = await server.send(
      'PUT',
      '/api/thresholds',
      '{"stream":"service","entity_id":"a","value":NaN}',
    )
    expect(refused(answer).slice(0, 2)).toEqual([400, 'malformed_body'])
  })

  test('are rolled back, one or all', async () => {
    await put({ value: 0.9, source: 'tuner' })
    await put({ value: 0.95 })
    expect(refused(await roll({ ...entity, source: 'tuner' })).slice(0, 2)).toEqual([409, 'overridden'])
    now += 1000
    const answer = ThresholdRollbackAnswer.parse((await roll({ ...entity, reason: 'worse' })).json)
    expect(answer.changes).toEqual([
      {
        ...entity,
        version: 3,
        from: 0.95,
        to: 0.9,
        source: 'rollback',
        reason: 'worse',
        by: null,
        at: at(now),
      },
    ])
    expect((await roll({ to_version: 0 })).json).toMatchObject({ changes: [{ version: 4, to: null }] })
    expect((await roll({ to_version: 0 })).json).toEqual({ changes: [] })
    expect(server.told.thresholds).toEqual([1, 2, 3, 4])
    expect(refused(await roll({ to_version: 9 }))).toEqual([
      404,
      'not_found',
      'there is no version 9; the latest is 4',
    ])
    expect(refused(await roll({ stream: 'service', entity_id: 'cart/1' }))).toEqual([
      404,
      'not_found',
      'the threshold of cart/1 was never changed, as far as is kept',
    ])
    await server.store.retention.sweep(now, 10)
    expect(refused(await roll({ to_version: 1 }))[2]).toMatch(/^changes up to version 2 are deleted/)
  })

  test.each<[object, number, string]>([
    [{}, 400, 'invalid_request'],
    [{ stream: 'service' }, 400, 'invalid_request'],
    [{ entity_id: 'a', to_version: 1 }, 400, 'invalid_request'],
    [{ to_version: -1 }, 400, 'invalid_request'],
    [{ to_version: 1, force: true }, 400, 'invalid_request'],
    [{ stream: 'none', entity_id: 'a' }, 404, 'unknown_stream'],
  ])('rollback %j: %d %s', async (body, status, code) => {
    expect(refused(await roll(body)).slice(0, 2)).toEqual([status, code])
  })

  test.each(['x', '1e3', '-1', '9'.repeat(40)])('a history cursor %s is none', async (cursor) => {
    expect(refused(await server.get(`/api/thresholds/history?cursor=${cursor}`)).slice(0, 2)).toEqual([
      400,
      'invalid_request',
    ])
  })
})

describe('scores', () => {
  const ask = (query: Record<string, string>) =>
    server.get(`/api/scores?${new URLSearchParams({ stream: 'service', entity: 'payment/1', ...query })}`)
  beforeEach(async () => {
    const levels = new LevelBuffers().take()
    levels[0] = 12
    levels[2] = 146
    await server.store.scores.merge([{ stream: 'service', entityId: 'payment/1', beginMs: START, levels }])
    now = START + 4 * 60_000
  })

  test('come by the minute', async () => {
    const { json } = await ask({ from: at(START - 30_000), to: at(START + 3 * 60_000) })
    expect(ScoreHistory.parse(json)).toEqual({
      stream: 'service',
      entity_id: 'payment/1',
      from: at(START - 60_000),
      interval_s: 60,
      severities: [null, 0.12, null, 1.46],
    })
    expect(ScoreHistory.parse((await ask({ from: at(START) })).json).severities).toEqual([
      0.12,
      null,
      1.46,
      null,
    ])
    const empty = await ask({ from: '2001-01-01T00:00:00Z', to: '2001-01-09T00:00:00Z' })
    expect(new Set(ScoreHistory.parse(empty.json).severities)).toEqual(new Set([null]))
  })

  test.each<[Record<string, string>, number, string]>([
    [{}, 400, 'invalid_request'],
    [{ from: 'yesterday' }, 400, 'invalid_request'],
    [{ from: at(START), to: at(START) }, 400, 'invalid_request'],
    [{ from: at(START), to: at(START - 1) }, 400, 'invalid_request'],
    [{ from: '2001-01-01T00:00:00Z', to: '2001-01-09T00:02:00Z' }, 400, 'invalid_request'],
    [{ from: at(START), entity: 'x'.repeat(600) }, 400, 'invalid_request'],
    [{ from: at(START), step: '1m' }, 400, 'invalid_request'],
    [{ from: at(START), stream: 'none' }, 404, 'unknown_stream'],
    [{ from: at(START), entity: 'nobody' }, 404, 'not_found'],
  ])('%j: %d %s', async (query, status, code) => {
    expect(refused(await ask(query)).slice(0, 2)).toEqual([status, code])
  })
})

describe('verdicts', () => {
  const give = async (body: object) =>
    Verdict.parse((await server.send('POST', '/api/feedback', { verdict: 'false_positive', ...body })).json)
  const withdraw = (id: string) => server.send('DELETE', `/api/feedback/${id}`)
  beforeEach(async () => {
    await server.store.incidents.save(sampleIncident(1))
    await server.store.anomalies.add(sampleAnomaly(1))
  })

  test('are taken back, told to the detectors, and counted', async () => {
    const target = { incident_id: sampleIncident(1).id }
    const ada = await give({ ...target, author: 'ada', verdict: 'true_positive' })
    const bob = await give({ ...target, author: 'bob' })
    expect((await server.get('/metrics')).text).toMatch(/^adf_rca_judged_incidents 1$/m)
    expect((await withdraw(bob.id)).status).toBe(204)
    expect((await withdraw(bob.id)).status).toBe(204)
    expect((await withdraw(ada.id)).status).toBe(204)
    expect(refused(await withdraw('none'))).toEqual([404, 'not_found', 'there is no verdict none'])
    expect(refused(await withdraw('x'.repeat(600))).slice(0, 2)).toEqual([400, 'invalid_request'])
    expect(server.told.judgements.map(({ previous, current }) => [previous, current])).toEqual([
      [null, 'true_positive'],
      ['true_positive', 'false_positive'],
      ['false_positive', 'true_positive'],
      ['true_positive', null],
    ])
    const metrics = (await server.get('/metrics')).text
    expect(metrics).toMatch(/^adf_verdicts_withdrawn_total{target="incident",verdict="false_positive"} 1$/m)
    expect(metrics).toMatch(/^adf_rca_judged_incidents 0$/m)
  })

  test('have a log that is followed by its cursor', async () => {
    const verdict = await give({ anomaly_id: sampleAnomaly(1).id, author: 'ada' })
    await withdraw(verdict.id)
    const log = VerdictLog.parse((await server.get('/api/verdicts')).json)
    const { time } = sampleAnomaly(1)
    const episodes = [
      { stream: 'service', entity_id: 'shop/payment/1', from: time, to: time, severity: 0.9, threshold: 0.8 },
    ]
    expect(log).toEqual({
      items: [
        { cursor: 1, verdict, previous: null, withdrawn: false, episodes },
        { cursor: 2, verdict, previous: 'false_positive', withdrawn: true, episodes },
      ],
      latest: 2,
    })
    expect((await server.get('/api/verdicts?after=1&limit=1')).json).toMatchObject({ items: [{ cursor: 2 }] })
    expect((await server.get('/api/verdicts?after=2')).json).toEqual({ items: [], latest: 2 })
    for (const query of ['after=-1', 'after=x', 'limit=501', 'since=1'])
      expect(refused(await server.get(`/api/verdicts?${query}`)).slice(0, 2)).toEqual([
        400,
        'invalid_request',
      ])
  })
})

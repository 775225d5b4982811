import { join } from 'node:path'
import {
  type Anomaly,
  AnomalyPage,
  EntityPage,
  IncidentPage,
  Problem,
  ScoreAnswer,
  ScoreHistory,
  Threshold,
  ThresholdHistory,
  ThresholdPage,
  ThresholdRollbackAnswer,
  Verdict,
  VerdictLog,
} from '@adf/contract'
import { openSqliteStore } from '@adf/processor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'

const LIMIT = 1000
const meters = { kind: 'event', entity: 'id', features: { volts: {}, amps: { max: LIMIT } } }
/** On a slow machine too the steps between two looks are done. */
const PATIENCE_MS = 90_000

let adf: RunningAdf
beforeAll(async () => {
  adf = await startAdf({
    edge: {
      detection: { warm_up: 50, rerank: 'none', detectors: ['robust', 'rules'], initial_threshold: 0.8 },
    },
    streams: { meters },
    scores: { save_interval: '1s' },
    store: { follow_interval: '200ms', state_interval: '1s' },
    log: { level: 'warn' },
  })
  await warm('m1')
})
afterAll(() => adf?.stop())

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${adf.api}${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : (JSON.parse(text) as unknown) }
}
const code = ({ status, json }: Awaited<ReturnType<typeof call>>) => `${status} ${Problem.parse(json).code}`
const set = (id: string, value: number | null, more: object = {}) =>
  call('PUT', '/api/thresholds', { stream: 'meters', entity_id: id, value, ...more })
const rollback = (body: object) => call('POST', '/api/thresholds/rollback', body)
const threshold = async (id: string) => {
  const { items } = EntityPage.parse(await adf.json('/api/entities?stream=meters'))
  const stream = items.find(({ entity }) => entity.id === id)?.streams.find((one) => one.stream === 'meters')
  return stream?.threshold
}
const anomalies = async (id: string) =>
  AnomalyPage.parse(await adf.json(`/api/anomalies?entity=${id}&limit=500`)).items

async function events(id: string, values: readonly { volts: number; amps?: number }[]): Promise<void> {
  const scored = await adf.metric('adf_vectors_scored_total')
  const skipped = await adf.metric('adf_vectors_skipped_total')
  const answer = await call(
    'POST',
    '/api/events/meters',
    values.map((each) => ({ id, amps: 1, ...each })),
  )
  expect(answer).toMatchObject({ status: 200, json: { accepted: values.length } })
  await until(
    'the events are judged',
    async () =>
      (await adf.metric('adf_vectors_scored_total')) + (await adf.metric('adf_vectors_skipped_total')) >=
      scored + skipped + values.length,
    PATIENCE_MS,
  )
}
const usual = (count: number) => Array.from({ length: count }, (_, i) => ({ volts: 230 + Math.sin(i * 1.7) }))

async function warm(id: string): Promise<void> {
  await until(
    `${id} is scored`,
    async () => {
      await events(id, usual(20))
      const { items } = EntityPage.parse(await adf.json('/api/entities?stream=meters'))
      return items.some(({ entity, streams }) => entity.id === id && streams[0]?.state === 'scored')
    },
    PATIENCE_MS,
  )
}
/** The next anomaly of these values, or that there is none. */
async function judged(id: string, volts: number, amps = 1): Promise<Anomaly | undefined> {
  const before = new Set((await anomalies(id)).map((each) => each.id))
  await events(id, [{ volts, amps }])
  await events(id, usual(3))
  return (await anomalies(id)).find((each) => !before.has(each.id))
}

/** What has a severity between these. Asking learns nothing. */
async function voltsOf(id: string, low: number, high: number): Promise<number> {
  for (let volts = 231; volts < 2000; volts += 2) {
    const features = { volts, amps: 1 }
    const { json } = await call('POST', '/api/anomaly', { stream: 'meters', entity: id, features })
    const { severity } = ScoreAnswer.parse(json)
    if (severity !== null && severity > low && severity < high) return volts
  }
  throw new Error(`nothing has a severity between ${low} and ${high}`)
}

describe('a threshold', () => {
  test('beyond 1 silences noise, never a fixed limit, and holds over SIGKILL', async () => {
    const volts = await voltsOf('m1', 1.1, 1.8)
    const noise = await judged('m1', volts)
    expect(noise).toMatchObject({ score: 1, threshold: 0.8 })
    expect(noise?.severity).toBeGreaterThan(1)
    expect(await adf.metric('adf_anomaly_threshold', { entity: 'm1' })).toBe(0.8)

    const stored = Threshold.parse((await set('m1', 2, { reason: 'surges' })).json)
    expect(stored).toMatchObject({ value: 2, source: 'operator', reason: 'surges', updated_by: null })
    expect(await judged('m1', volts)).toBeUndefined()
    expect((await judged('m1', 10_000))?.severity).toBeGreaterThanOrEqual(2)
    const over = await judged('m1', 230, 2 * LIMIT)
    expect(over).toMatchObject({ score: 1, threshold: 2, detector: 'rules' })
    expect(over?.severity).toBeGreaterThanOrEqual(2)

    await adf.kill('SIGKILL')
    adf = await adf.restart()
    const page = ThresholdPage.parse(await adf.json('/api/thresholds'))
    expect(page.items).toEqual([stored])
    expect(page.version).toBe(stored.version)
    await warm('m1')
    expect(await threshold('m1')).toBe(2)
    expect(await judged('m1', 230, 2 * LIMIT)).toMatchObject({ threshold: 2 })
  })

  test('of an operator is not the tuner’s; what happened is in the history; rollback gives it back', async () => {
    const from = ThresholdPage.parse(await adf.json('/api/thresholds')).version
    const tune = (value: number, more: object = {}) =>
      set('m2', value, { source: 'tuner', reason: 'noisy', ...more })
    const first = Threshold.parse((await tune(0.85, { if_version: 0 })).json)
    expect(code(await tune(0.9, { if_version: 0 }))).toBe('409 conflict')
    expect((await tune(0.9, { if_version: first.version })).status).toBe(200)
    expect((await set('m2', 0.7)).status).toBe(200)
    expect(code(await tune(0.95))).toBe('409 overridden')
    expect(code(await set('m2', null, { source: 'tuner' }))).toBe('409 overridden')

    const history = ThresholdHistory.parse(await adf.json('/api/thresholds/history?entity=m2')).items
    expect(history.map(({ from: before, to, source }) => [before, to, source])).toEqual([
      [0.9, 0.7, 'operator'],
      [0.85, 0.9, 'tuner'],
      [null, 0.85, 'tuner'],
    ])
    expect(history.map(({ version }) => version)).toEqual([from + 3, from + 2, from + 1])

    const one = await rollback({ stream: 'meters', entity_id: 'm2', reason: 'mistaken' })
    expect(ThresholdRollbackAnswer.parse(one.json).changes).toMatchObject([{ to: 0.9, source: 'rollback' }])
    expect((await tune(0.95)).status).toBe(200)
    await adf.kill('SIGKILL')
    adf = await adf.restart()
    const all = ThresholdRollbackAnswer.parse((await rollback({ to_version: from })).json)
    expect(all.changes).toMatchObject([{ entity_id: 'm2', from: 0.95, to: null }])
    expect(ThresholdPage.parse(await adf.json('/api/thresholds?entity=m2')).items).toEqual([])
  })

  test('that another process set in the same database holds without a restart', async () => {
    await warm('m1')
    const other = await openSqliteStore({ path: join(adf.folder, 'adf.db'), clock: Date.now })
    try {
      const wish = {
        stream: 'meters',
        entityId: 'm1',
        source: 'tuner',
        reason: null,
        by: 'other',
        nowMs: Date.now(),
      } as const
      expect(await other.thresholds.change({ ...wish, value: 1.1 })).toMatchObject({ kind: 'overridden' })
      const undoing = { ...wish, entity: { stream: 'meters', entityId: 'm1' } }
      expect(await other.thresholds.rollback(undoing)).toMatchObject({ kind: 'overridden' })
      const undone = await other.thresholds.rollback({
        ...wish,
        source: 'operator',
        entity: { stream: 'meters', entityId: 'm1' },
      })
      expect(undone).toMatchObject({ kind: 'done', changes: [{ to: null }] })
      await until('the initial threshold', async () => (await threshold('m1')) === 0.8, PATIENCE_MS)
      expect(await other.thresholds.change({ ...wish, value: 1.1 })).toMatchObject({ kind: 'changed' })
      await until('the new threshold', async () => (await threshold('m1')) === 1.1, PATIENCE_MS)
      await events('m1', usual(1))
      expect(await adf.metric('adf_anomaly_threshold', { entity: 'm1' })).toBe(1.1)
    } finally {
      await other.close()
    }
    expect((await rollback({ to_version: 0 })).status).toBe(200)
  })

  test('is not changed by what makes no sense', async () => {
    const { version } = ThresholdPage.parse(await adf.json('/api/thresholds'))
    const long = 'x'.repeat(600)
    for (const [answer, expected] of [
      [set('m1', 2.1), '400 invalid_request'],
      [
        call('PUT', '/api/thresholds', '{"stream":"meters","entity_id":"m1","value":NaN}'),
        '400 malformed_body',
      ],
      [
        call('PUT', '/api/thresholds', '{"stream":"meters","entity_id":"m1","value":1e999}'),
        '400 invalid_request',
      ],
      [set(long, 0.5), '400 invalid_request'],
      [set('m1', 0.5, { forever: true }), '400 invalid_request'],
      [set('m1', 0.5, { stream: 'none' }), '404 unknown_stream'],
      [set('nobody', null), '404 not_found'],
      [rollback({}), '400 invalid_request'],
      [rollback({ to_version: 0.5 }), '400 invalid_request'],
      [rollback({ to_version: version + 1 }), '404 not_found'],
      [rollback({ stream: 'meters', entity_id: 'nobody' }), '404 not_found'],
      [
        call('GET', `/api/scores?stream=meters&entity=${long}&from=2026-01-01T00:00:00Z`),
        '400 invalid_request',
      ],
      [call('GET', '/api/scores?stream=none&entity=m1&from=2026-01-01T00:00:00Z'), '404 unknown_stream'],
      [
        call(
          'GET',
          `/api/scores?stream=meters&entity=nobody&from=${new Date(Date.now() - 60_000).toISOString()}`,
        ),
        '404 not_found',
      ],
      [call('GET', '/api/scores?stream=meters&entity=m1&from=2001-01-01T00:00:00Z'), '400 invalid_request'],
      [call('GET', '/api/verdicts?after=-1'), '400 invalid_request'],
      [call('DELETE', '/api/feedback/nothing'), '404 not_found'],
      [call('DELETE', `/api/feedback/${long}`), '400 invalid_request'],
    ] as const)
      expect(code(await answer)).toBe(expected)
    expect(ThresholdPage.parse(await adf.json('/api/thresholds')).version).toBe(version)
  })
})

test('severities are told by the minute, and SIGKILL takes no more than the unsaved ones', async () => {
  const fromMs = Date.now() - 600_000
  const series = async () => {
    const query = new URLSearchParams({
      stream: 'meters',
      entity: 'm3',
      from: new Date(fromMs).toISOString(),
    })
    return ScoreHistory.parse(await adf.json(`/api/scores?${query}`)).severities
  }
  await warm('m3')
  expect((await judged('m3', 300))?.severity).toBeGreaterThan(1)
  const largest = Math.max(...(await series()).map((each) => each ?? 0))
  expect(largest).toBeGreaterThan(1)
  // Saved every second here.
  const stored = await openSqliteStore({ path: join(adf.folder, 'adf.db'), clock: Date.now })
  try {
    await until(
      'the severities are stored',
      async () => {
        const blocks = await stored.scores.between('meters', 'm3', fromMs, Date.now())
        return blocks.some(({ levels }) => levels.some((level) => level !== 255 && level / 100 >= largest))
      },
      PATIENCE_MS,
    )
  } finally {
    await stored.close()
  }
  await adf.kill('SIGKILL')
  adf = await adf.restart()
  expect(Math.max(...(await series()).map((each) => each ?? 0))).toBe(largest)
})

test('the log of verdicts is followed over a restart, and what is taken back counts no more', async () => {
  await warm('m4')
  await events(
    'm4',
    Array.from({ length: 4 }, () => ({ volts: 300 })),
  )
  const incident = await until(
    'an incident with its anomalies',
    async () => {
      const [found] = (await anomalies('m4')).flatMap(({ incident_id }) => incident_id ?? [])
      return found
    },
    PATIENCE_MS,
  )
  const [anomaly] = await anomalies('m4')
  const give = async (body: object) => Verdict.parse((await call('POST', '/api/feedback', body)).json)
  const word = async () => {
    const { items } = IncidentPage.parse(await adf.json('/api/incidents'))
    return items.find(({ id }) => id === incident)?.verdict
  }
  const seen: VerdictLog['items'] = []
  const follow = async () => {
    const page = VerdictLog.parse(await adf.json(`/api/verdicts?limit=2&after=${seen.at(-1)?.cursor ?? 0}`))
    seen.push(...page.items)
    return page.items.length
  }
  const ada = await give({ incident_id: incident, verdict: 'false_positive', author: 'ada' })
  await give({ incident_id: incident, verdict: 'true_positive', author: 'ada', note: 'after all' })
  expect(await follow()).toBe(2)
  const bob = await give({ incident_id: incident, verdict: 'false_positive', author: 'bob' })
  expect(await adf.metric('adf_rca_judged_incidents')).toBe(1)

  await adf.kill('SIGKILL')
  adf = await adf.restart()
  expect(await word()).toBe('false_positive')
  for (const _ of [1, 2]) expect((await call('DELETE', `/api/feedback/${bob.id}`)).status).toBe(204)
  expect(await word()).toBe('true_positive')
  expect((await call('DELETE', `/api/feedback/${ada.id}`)).status).toBe(204)
  expect(await word()).toBeNull()
  expect(await adf.metric('adf_rca_judged_incidents')).toBe(0)

  while ((await follow()) > 0);
  expect(
    seen.map(({ verdict: { author, verdict }, previous, withdrawn }) => [
      author,
      verdict,
      previous,
      withdrawn,
    ]),
  ).toEqual([
    ['ada', 'false_positive', null, false],
    ['ada', 'true_positive', 'false_positive', false],
    ['bob', 'false_positive', null, false],
    ['bob', 'false_positive', 'false_positive', true],
    ['ada', 'true_positive', 'true_positive', true],
  ])
  const [episode] = seen[0]?.episodes ?? []
  expect(episode).toMatchObject({ stream: 'meters', entity_id: 'm4', threshold: 0.8 })
  expect(episode?.severity).toBeGreaterThan(1)
  expect(Date.parse(episode?.to ?? '')).toBeGreaterThanOrEqual(Date.parse(episode?.from ?? ''))

  // A word on an anomaly counts for the detectors that saw it, until it is taken back.
  const standing = async () =>
    (await adf.metric('detector_true_positives_total', { model: 'robust' })) -
    (await adf.metric('detector_verdicts_withdrawn_total', { model: 'robust', verdict: 'true_positive' }))
  const before = await standing()
  const own = await give({ anomaly_id: anomaly?.id, verdict: 'true_positive' })
  expect(await standing()).toBe(before + 1)
  await call('DELETE', `/api/feedback/${own.id}`)
  expect(await standing()).toBe(before)
})

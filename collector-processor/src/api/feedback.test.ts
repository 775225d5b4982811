import { Incident, Stats, Verdict } from '@adf/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sampleAnomaly, sampleIncident } from '../store/sample.test-data.ts'
import { startApi } from './api.test-server.ts'

let server: Awaited<ReturnType<typeof startApi>>
beforeEach(async () => {
  server = await startApi()
})
afterEach(() => server.stop())

describe('feedback', () => {
  const accuracy = async () => /^adf_rca_accuracy (.*)$/m.exec((await server.get('/metrics')).text)?.[1]

  test('is stored, marks its target, is told to the detectors, and counts in adf_rca_accuracy', async () => {
    for (const n of [1, 2]) await server.store.incidents.save(sampleIncident(n))
    expect(await accuracy()).toBe('Nan')
    const give = async (n: number, more: object) =>
      Verdict.parse(
        (
          await server.send('POST', '/api/feedback', {
            incident_id: sampleIncident(n).id,
            verdict: 'true_positive',
            ...more,
          })
        ).json,
      )
    const first = await give(1, { author: 'ada' })
    expect(await accuracy()).toBe('1')
    expect(Incident.parse((await server.get(`/api/incidents/${sampleIncident(1).id}`)).json).verdict).toBe(
      'true_positive',
    )
    await give(2, { cause: 'cart' })
    expect(await accuracy()).toBe('0.5')
    const revised = await give(1, { author: 'ada', verdict: 'false_positive' })
    expect(revised.id).toBe(first.id)
    expect(await accuracy()).toBe('0')
    expect(server.told.judgements.map(({ previous, verdict }) => [previous, verdict.verdict])).toEqual([
      [null, 'true_positive'],
      [null, 'true_positive'],
      ['true_positive', 'false_positive'],
    ])
    const metrics = (await server.get('/metrics')).text
    expect(metrics).toMatch(/^adf_rca_judged_incidents 2$/m)
    expect(metrics).toMatch(/^adf_rca_confirmed_incidents 0$/m)
    expect(Stats.parse((await server.get('/api/stats')).json).root_causes).toEqual({
      judged: 2,
      confirmed: 0,
      accuracy: 0,
    })
  })

  test('on an incident that was merged goes to the one that it goes on as', async () => {
    const [one, two, three] = [sampleIncident(1).id, sampleIncident(2).id, sampleIncident(3).id]
    await server.store.incidents.save(sampleIncident(1))
    await server.store.incidents.save(sampleIncident(2, { state: 'merged', merged_into: one }))
    await server.store.incidents.save(sampleIncident(3, { state: 'merged', merged_into: two }))
    const { json } = await server.send('POST', '/api/feedback', {
      incident_id: three,
      verdict: 'true_positive',
    })
    expect(Verdict.parse(json).incident_id).toBe(one)
    expect(server.told.judgements).toMatchObject([{ target: { kind: 'incident', incident: { id: one } } }])
    const verdictOf = async (id: string) =>
      Incident.parse((await server.get(`/api/incidents/${id}`)).json).verdict
    expect([await verdictOf(one), await verdictOf(three)]).toEqual(['true_positive', null])
  })

  test('on one whose survivor cannot be read stays with it', async () => {
    const { id } = sampleIncident(2)
    await server.store.incidents.save(sampleIncident(2, { state: 'merged', merged_into: 'gone' }))
    const { json } = await server.send('POST', '/api/feedback', {
      incident_id: id,
      verdict: 'true_positive',
    })
    expect(Verdict.parse(json).incident_id).toBe(id)
  })

  test('on an anomaly names the anomaly to the detectors', async () => {
    await server.store.anomalies.add(sampleAnomaly(1))
    const { status } = await server.send('POST', '/api/feedback', {
      anomaly_id: sampleAnomaly(1).id,
      verdict: 'false_positive',
    })
    expect(status).toBe(200)
    expect(server.told.judgements).toMatchObject([
      { target: { kind: 'anomaly', anomaly: { detector: 'robust', verdict: 'false_positive' } } },
    ])
  })
})

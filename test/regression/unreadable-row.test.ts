import { DatabaseSync } from 'node:sqlite'
import { AnomalyPage, IncidentPage } from '@adf/contract'
import { expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'

test('rows that cannot be read stop neither the start nor a list, and are counted', async () => {
  let adf = await startAdf()
  try {
    await adf.kill('SIGTERM')
    const db = new DatabaseSync(`${adf.folder}/adf.db`)
    // An event time before the year 0, as it was once taken; an open incident of which half was written.
    db.exec(`insert into anomalies (id, stream, entity_id, type, time_ms, detected_ms, score, incident_id, verdict, body)
        values ('a1', 'service', 'shop', 'point', 0, ${Date.now()}, 1, 'i1', null,
        '{"id":"a1","time":"-000001-12-31T23:00:00.000Z"}');
      insert into incidents (id, state, started_ms, updated_ms, resolved_ms, verdict, cause_confirmed, body)
        values ('i1', 'open', 0, ${Date.now()}, null, null, null, '{"id":"i1","st');
      insert into thresholds (stream, entity_id, value, source, updated_ms, updated_by)
        values ('service', 'shop', 7, 'operator', 0, null);`)
    db.close()

    adf = await adf.restart()
    expect(AnomalyPage.parse(await adf.json('/api/anomalies')).items).toEqual([])
    expect(IncidentPage.parse(await adf.json('/api/incidents')).items).toEqual([])
    expect((await adf.get('/api/anomalies/a1')).status).toBe(404)
    for (const table of ['anomalies', 'incidents', 'thresholds']) {
      expect(await adf.metric('adf_store_rows_unreadable_total', { table })).toBeGreaterThan(0)
    }
    expect(adf.process.output()).toContain('a row of the store cannot be read')
  } finally {
    await adf.stop()
  }
})

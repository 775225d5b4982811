import { FeedbackLinks } from '@adf/service'
import { expect, test } from 'vitest'
import { sampleIncident } from '../../store/sample.test-data.ts'
import { labelsOf, toPostable } from './alert.ts'
import { verdictLinks } from './verdict-links.ts'

const links = new FeedbackLinks(['k'.repeat(32)])
const DAY = 86_400_000
const incident = sampleIncident(1)
const startsMs = Date.parse(incident.started_at)
const options = { url: 'https://webhook.example/adf/', links, expiresAfterMs: 14 * DAY }
const alert = { incidentId: incident.id, labels: labelsOf(incident, {}), startsMs, endsMs: null }
const tokenOf = (url: string | undefined) => url?.replace('https://webhook.example/adf/feedback/', '') ?? ''

test('an alert carries a link for each verdict, until it is too old', () => {
  const { annotations } = toPostable(alert, incident, {
    externalUrl: 'http://adf.example',
    expiresMs: 0,
    feedback: options,
  })
  const target = { kind: 'incident', id: incident.id }
  const expiresMs = startsMs + 14 * DAY
  expect(links.read(tokenOf(annotations['useful_url']))).toMatchObject({
    target,
    verdict: 'true_positive',
    expiresMs,
  })
  expect(links.read(tokenOf(annotations['noise_url']))).toMatchObject({
    target,
    verdict: 'false_positive',
    expiresMs,
  })
})

test('resends carry the same links, whatever changed of the incident', () => {
  expect(verdictLinks({ ...alert }, options)).toEqual(verdictLinks(alert, options))
})

test('without a webhook there are none', () => {
  const { annotations } = toPostable(alert, incident, { externalUrl: 'http://adf.example', expiresMs: 0 })
  expect(Object.keys(annotations)).toEqual(['summary', 'description', 'incident_url'])
})

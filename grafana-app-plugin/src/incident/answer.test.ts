import { IncidentExport } from '@adf/contract'
import incidentExport from '@adf/contract/golden/incident-export.json'
import { expect, test } from 'vitest'
import { brieflyOf, conclusionOf, deploymentsBefore } from './answer.ts'

const { incident } = IncidentExport.parse(incidentExport)
const [payment, postgres] = incident.causes

test('a cause over one half that is likelier than none of them stands out, with its strongest evidence', () => {
  expect(conclusionOf(incident)).toEqual({ kind: 'cause', cause: payment, evidence: payment?.evidence[0] })
})

test('several weak leads are leads', () => {
  const causes = [payment, postgres].flatMap((cause) =>
    cause === undefined ? [] : [{ ...cause, probability: 0.3 }],
  )
  expect(conclusionOf({ causes, none: 0.2 })).toEqual({ kind: 'unclear', leads: causes })
})

test('a cause that is as likely as none of them does not stand out', () => {
  const causes = incident.causes.slice(0, 1).map((cause) => ({ ...cause, probability: 0.5 }))
  expect(conclusionOf({ causes, none: 0.5 }).kind).toBe('unclear')
})

test('before the first ranking there is no conclusion', () => {
  expect(conclusionOf({ causes: [], none: null })).toEqual({ kind: 'unranked' })
  expect(conclusionOf({ causes: [], none: 1 })).toEqual({ kind: 'unclear', leads: [] })
})

test('the first sentence goes without the example of a log line', () => {
  const said = 'log template "no lock on <*>" is new, 0.5 times a request'
  expect(brieflyOf({ text: `${said}; for example: no lock on shard; for example: 4` })).toBe(said)
  expect(brieflyOf({ text: 'error_rate is 0.4, normally 0' })).toBe('error_rate is 0.4, normally 0')
})

test('deployments count when they came within the hour before, and are of the service', () => {
  const change = (service: string, at: string) => ({
    at,
    service,
    what: 'version' as const,
    attribute: 'service.version',
    from: '1',
    to: '2',
  })
  const near = change('shop/payment', '2026-03-01T03:11:40.000Z')
  const changes = [
    change('shop/payment', '2026-03-01T01:00:00.000Z'),
    near,
    change('shop/cart', '2026-03-01T03:11:40.000Z'),
    change('shop/payment', '2026-03-01T03:20:00.000Z'),
  ]
  expect(deploymentsBefore(changes, 'shop/payment', incident.started_at)).toEqual([near])
})

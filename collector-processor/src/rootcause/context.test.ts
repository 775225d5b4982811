import { expect, it } from 'vitest'
import { Calls } from './calls.ts'
import { changeFindings, hostFindings } from './context.ts'
import { evidence, service } from './quiet.test-data.ts'
import { unexplainedFindings } from './unexplained.ts'

const nodes = [service('web'), service('cart', { latencyMs: 120 }), service('ads')]

it("charges a host's anomaly to the services that run there", () => {
  const placements = ['web', 'cart'].map((of) => ({ service: of, host: 'node-1' }))
  const metric = {
    feature: 'cpu_usage_percent',
    unit: '%',
    value: 99,
    expected: 40,
    strength: 0.8,
    sinceMs: 5,
  }
  const found = hostFindings([{ host: 'node-1', ...metric }], evidence(nodes, [], { placements }))
  expect(found.map((one) => one.service)).toEqual(['web', 'cart'])
  expect(found[0]).toMatchObject({
    kind: 'saturation',
    place: 'host',
    strength: 16,
    text: 'host node-1: cpu_usage_percent is 99 %, normally 40 %',
  })
})

it('suspects the later of two deployments more, and none of a service that shows nothing', () => {
  const change = (of: string, atMs: number) => ({
    service: of,
    what: 'version' as const,
    from: '1',
    to: '2',
    atMs,
  })
  const changes = [change('cart', 100_000), change('cart', -500_000), change('ads', 199_000)]
  const shop = evidence(nodes, [], { changes })
  const found = changeFindings(shop, unexplainedFindings(shop, new Calls(shop)))
  expect(found.map((one) => one.service)).toEqual(['cart', 'cart'])
  expect(found[0]?.strength).toBeGreaterThan(found[1]?.strength ?? 0)
  expect(found[0]?.text).toBe('its version changed from 1 to 2 at 1970-01-01T00:01:40.000Z')
})

it('forgets deployments of long ago', () => {
  const changes = [{ service: 'cart', what: 'image' as const, from: 'a', to: 'b', atMs: -3_600_000 }]
  const shop = evidence(nodes, [], { changes })
  expect(changeFindings(shop, unexplainedFindings(shop, new Calls(shop)))).toEqual([])
})

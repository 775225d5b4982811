import type { Anomaly, Incident } from '@adf/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleRanking } from '../rootcause/sample.test-data.ts'
import { sampleAnomaly } from './sample.test-data.ts'
import { IncidentTracker } from './tracker.ts'

const services = ['a', 'b', 'c', 'd', 'e', 'f']
const edge = fc.tuple(fc.constantFrom(...services), fc.constantFrom(...services))
interface Step {
  readonly service: string
  readonly kind: 'anomaly' | 'normal' | 'tick' | 'edge'
  readonly after: number
  readonly edge: [string, string]
}
const step: fc.Arbitrary<Step> = fc.record({
  service: fc.constantFrom(...services),
  kind: fc.constantFrom<Step['kind'][]>('anomaly', 'anomaly', 'anomaly', 'normal', 'tick', 'edge'),
  after: fc.integer({ min: 0, max: 90 }),
  edge,
})

/** Runs the steps and says where each anomaly ended, following joins and merges as a store would. */
function run(steps: readonly Step[], openAfter: number) {
  const edges: [string, string][] = []
  const owner = new Map<string, string>()
  const stored = new Map<string, Incident>()
  const seen: Anomaly[] = []
  let now = 0
  let ids = 0
  let left = 0
  const tracker = new IncidentTracker(
    { openAfter, resolveAfterMs: 120_000, rankWindowMs: 60_000, maxOpen: 100, maxAnomalies: 1e6 },
    {
      callers: (of) =>
        new Map(Array.from(of, (service) => [service, edges.flatMap(([a, b]) => (b === service ? a : []))])),
      happened: () => {},
      blastRadius: () => [],
      exemplars: () => [],
      rank: ({ nowMs }) => sampleRanking(new Date(nowMs).toISOString()),
      newId: () => `i${++ids}`,
      changed: (incident) => stored.set(incident.id, incident),
      joined: (id, anomalies) => {
        for (const anomaly of anomalies) owner.set(anomaly, id)
      },
      left: () => left++,
      failed: (error) => {
        throw error
      },
    },
    () => now,
  )
  for (const { service, kind, after, edge } of steps) {
    now += after * 1000
    if (kind === 'edge') edges.push(edge)
    else if (kind === 'tick') tracker.tick()
    else if (kind === 'normal') tracker.clear('service', `${service}/1`)
    else {
      const anomaly = sampleAnomaly(service, now / 1000)
      seen.push(anomaly)
      const incident = tracker.observe(anomaly)
      if (incident !== null) owner.set(anomaly.id, incident)
      if (after > 0) tracker.tick()
    }
  }
  const final = (id: string): string => {
    const into = stored.get(id)?.merged_into
    return into === null || into === undefined ? id : final(into)
  }
  const open = new Map(tracker.open().map((incident) => [incident.id, incident]))
  return {
    seen,
    owner,
    final,
    left,
    open,
    latest: (id: string) => open.get(id) ?? stored.get(id),
    stored,
    tracker,
    edges,
  }
}

test('counts add up: what an incident says it holds is what was assigned to it or to those merged into it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 3 }), (steps, openAfter) => {
      const { seen, owner, final, latest, left, stored } = run(steps, openAfter)
      const held = new Map<string, number>()
      for (const { id } of seen) {
        const incident = owner.get(id)
        if (incident !== undefined) held.set(final(incident), (held.get(final(incident)) ?? 0) + 1)
      }
      expect(left).toBe(0)
      for (const id of stored.keys()) {
        if (final(id) === id) expect(latest(id)?.anomaly_count).toBe(held.get(id) ?? 0)
      }
      if (openAfter === 1) expect(owner.size).toBe(seen.length)
    }),
    { seed: 7, numRuns: 300 },
  )
})

test('after a look at the graph no two open incidents belong together, and looking again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { tracker, edges } = run([...steps, ...quiet], 1)
      const open = tracker.open()
      for (const a of open) {
        for (const b of open) {
          if (a.id >= b.id) continue
          const linked = edges.some(
            ([c, d]) =>
              (a.services.includes(c) && b.services.includes(d)) ||
              (a.services.includes(d) && b.services.includes(c)),
          )
          const apart = Math.abs(Date.parse(a.started_at) - Date.parse(b.started_at)) > 120_000
          expect(linked && !apart).toBe(false)
        }
      }
      tracker.tick()
      tracker.tick()
      expect(tracker.open().map(({ id }) => id)).toEqual(open.map(({ id }) => id))
    }),
    { seed: 11, numRuns: 300 },
  )
})
const act = (service: string, kind: Step['kind'], after: number): Step => ({
  service,
  kind,
  after,
  edge: ['a', 'a'],
})
const quiet = Array.from({ length: 6 }, () => act('a', 'tick', 3))

test('the order in which services fall ill changes only where those stand that suffer from several causes', () => {
  fc.assert(
    fc.property(
      fc.array(edge, { maxLength: 8 }),
      fc.shuffledSubarray(services, { minLength: 2 }),
      fc.integer({ min: 0, max: 5 }),
      fc.boolean(),
      (edges, order, rotation, atOnce) => {
        const groups = (who: readonly string[]) => {
          const { tracker } = run(
            [
              ...edges.map((e): Step => ({ ...act('a', 'edge', 0), edge: e })),
              ...who.map((service) => act(service, 'anomaly', atOnce ? 0 : 1)),
              ...quiet,
            ],
            1,
          )
          const found = tracker.open().map((incident) => incident.services)
          return found
            .map((one) =>
              one.filter(
                (service) =>
                  !suffersFrom(
                    service,
                    found.filter((other) => other !== one),
                    edges,
                  ),
              ),
            )
            .map((one) => one.join())
            .sort()
        }
        expect(groups([...order.slice(rotation), ...order.slice(0, rotation)])).toEqual(groups(order))
      },
    ),
    { seed: 13, numRuns: 500 },
  )
})

/** Whether it calls, directly or not, a service of one of these incidents. */
function suffersFrom(
  service: string,
  incidents: readonly (readonly string[])[],
  edges: [string, string][],
): boolean {
  const reached = new Set([service])
  for (const at of reached) for (const [client, server] of edges) if (client === at) reached.add(server)
  return incidents.some((one) => one.some((other) => reached.has(other)))
}

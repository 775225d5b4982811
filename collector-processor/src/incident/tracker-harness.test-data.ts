import type { Anomaly, Incident, Ranking } from '@adf/contract'
import { sampleCause, sampleRanking } from '../rootcause/sample.test-data.ts'
import type { Moment } from './moment.ts'
import type { IncidentChange, IncidentOptions, RankRequest } from './ports.ts'
import { sampleAnomaly as anomaly } from './sample.test-data.ts'
import { IncidentTracker } from './tracker.ts'

const options: IncidentOptions = {
  openAfter: 2,
  resolveAfterMs: 120_000,
  rankWindowMs: 60_000,
  maxOpen: 10,
  maxAnomalies: 1000,
}

/** A tracker on a clock that is set, with a graph, a ranking and what it tells as the test wants them. */
export function trackerHarness(more: Partial<IncidentOptions> = {}) {
  /** Caller and callee. */
  const edges: [string, string][] = []
  const moments: (Moment & { incident: string })[] = []
  const places = new Map<string, string>()
  let everything = 0
  let searches = 0
  const events: { kind: IncidentChange; incident: Incident }[] = []
  const ranked: RankRequest[] = []
  const joined: [string, readonly string[]][] = []
  const left: string[] = []
  const failures: unknown[] = []
  const clock = { now: 0 }
  let ids = 0
  let ranking = (request: RankRequest): Ranking =>
    sampleRanking(
      new Date(request.nowMs).toISOString(),
      request.scope === undefined ? [] : [sampleCause(request.scope.services[0] ?? '', 0.8)],
    )
  const tracker = new IncidentTracker(
    { ...options, ...more },
    {
      callers: (services) => {
        searches++
        const of = (service: string) =>
          edges.flatMap(([client, server]) => (server === service ? client : []))
        return new Map(Array.from(services, (service) => [service, of(service)]))
      },
      blastRadius: (services) => services.map((service) => `caller of ${service}`),
      exemplars: () => ['t1'],
      rank: (request) => {
        if (request.scope === undefined) everything++
        else ranked.push(request)
        return ranking(request)
      },
      newId: () => `i${++ids}`,
      changed: (incident, kind) => events.push({ kind, incident }),
      joined: (id, anomalies) => {
        joined.push([id, anomalies])
        for (const one of anomalies) places.set(one, id)
      },
      happened: (incident, moment) => moments.push({ ...moment, incident }),
      left: (reason) => left.push(reason),
      failed: (error) => failures.push(error),
    },
    () => clock.now,
  )
  const see = (seen: Anomaly) => {
    clock.now = Math.max(clock.now, Date.parse(seen.time))
    const incident = tracker.observe(seen)
    tracker.tick()
    return incident ?? places.get(seen.id) ?? null
  }
  return {
    tracker,
    edges,
    events,
    ranked,
    joined,
    left,
    failures,
    moments,
    /** Rankings of everything, and searches of the graph. */
    asked: () => ({ everything, searches }),
    /** Anomalies of the service in each of the seconds, and a tick after each; where each of them is after its tick. */
    trouble(service: string, ...seconds: number[]) {
      return seconds.map((second) => see(anomaly(service, second)))
    },
    see,
    /** The same without ticks. */
    only(service: string, ...seconds: number[]) {
      for (const second of seconds) {
        clock.now = Math.max(clock.now, second * 1000)
        tracker.observe(anomaly(service, second))
      }
    },
    at(second: number) {
      clock.now = second * 1000
      tracker.tick()
    },
    rankWith(next: (request: RankRequest) => Ranking) {
      ranking = next
    },
    kinds: () => events.map(({ kind, incident }) => `${kind} ${incident.id}`),
    last: () => events.at(-1)?.incident,
  }
}

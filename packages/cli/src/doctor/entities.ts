import type { EntityStatus } from '@adf/contract'
import { type Finding, fault, ok, warning } from './finding.ts'

const SHOWN = 10
/** Intervals of host metrics until all of them have come, those that need two points too. */
const INTERVALS = 2
const UNKNOWN_HOST = 'unknown_host'

/** What is scored, what entities lack and why, whose clocks are off, and which dialects of metrics were seen. */
export function checkEntities(
  entities: readonly EntityStatus[],
  { maxSkewMs, uptimeMs, intervalMs }: { maxSkewMs: number; uptimeMs: number; intervalMs: number },
): Finding[] {
  if (entities.length === 0) return [ok('entities', 'none is known yet')]
  const young = uptimeMs < INTERVALS * intervalMs
  return [
    scored(entities),
    ...unnamed(entities),
    ...lacking(entities, young),
    ...problems(entities, maxSkewMs),
    ...dialects(entities),
  ]
}

function scored(entities: readonly EntityStatus[]): Finding {
  const warm = entities.filter(({ streams }) => streams.some(({ state }) => state === 'scored')).length
  const text = `${entities.length} known, ${warm} scored, ${entities.length - warm} warming up`
  return ok('entities', text)
}

/** Hosts whose metrics do not say whose they are fall into one entity. */
function unnamed(entities: readonly EntityStatus[]): Finding[] {
  if (!entities.some(({ entity }) => entity.id === UNKNOWN_HOST)) return []
  return [
    warning(
      'entities',
      `host metrics come without host.name: all such hosts are one entity, ${UNKNOWN_HOST}`,
      'add the processor resourcedetection (detectors: [env, system]) to the metrics pipeline of the collector',
    ),
  ]
}

interface Lack {
  readonly stream: string
  readonly reason: string
  readonly features: Set<string>
  readonly entities: Set<string>
}

/** Grouped by stream and reason: one line each. */
function lacking(entities: readonly EntityStatus[], young: boolean): Finding[] {
  const groups = new Map<string, Lack>()
  const of = new Map<string, number>()
  for (const { entity, streams } of entities)
    for (const { stream, features } of streams) {
      of.set(stream, (of.get(stream) ?? 0) + 1)
      for (const { name, missing } of features) {
        if (missing === null || missing.startsWith('a host serves no requests')) continue
        const key = `${stream}\n${missing}`
        const group = groups.get(key) ?? { stream, reason: missing, features: new Set(), entities: new Set() }
        groups.set(key, group)
        group.features.add(name)
        group.entities.add(entity.id)
      }
    }
  return [...groups.values()].map((group) => {
    const { stream, reason, features } = group
    const count = group.entities.size
    const who = count <= 3 ? ` (${[...group.entities].join(', ')})` : ''
    const text = `${count} of ${of.get(stream)}${who} lack ${[...features].join(', ')}: ${reason}`
    if (young && stream === 'host')
      return ok(`features ${stream}`, `not yet known, ADF has just started: ${text}`)
    return isWanted(group)
      ? warning(`features ${stream}`, text, adviceOf(group))
      : ok(`features ${stream}`, text)
  })
}

/** A service without requests, or a host without some of its metrics; services have metrics of machines and logs only perhaps. */
const isWanted = ({ stream, features }: Lack) => features.has('request_rate') || stream === 'host'

const adviceOf = ({ stream }: Lack) =>
  stream === 'host'
    ? 'turn the scrapers on in the hostmetrics receiver of the collector (docs/features.md)'
    : 'instrument its server side: spans of kind SERVER or CONSUMER, or http.server.request.duration (docs/features.md)'

function problems(entities: readonly EntityStatus[], maxSkewMs: number): Finding[] {
  const with_ = entities.filter(({ problem }) => problem !== null)
  const findings = with_.slice(0, SHOWN).map(({ entity, problem, skew_ms }) => {
    const say = skew_ms > maxSkewMs ? fault : warning
    return say(
      'clocks',
      `${entity.id}: ${problem}`,
      'synchronise the clock of its machine, or look for a queue in between',
    )
  })
  if (with_.length > SHOWN)
    findings.push(warning('clocks', `and ${with_.length - SHOWN} more entities`, 'see GET /api/entities'))
  return findings
}

function dialects(entities: readonly EntityStatus[]): Finding[] {
  const seen = new Map<string, number>()
  for (const { dialects } of entities)
    for (const dialect of dialects) seen.set(dialect, (seen.get(dialect) ?? 0) + 1)
  if (seen.size === 0) return []
  const all = [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([dialect, count]) => `${dialect} (${count})`)
  return [ok('dialects', `metrics by entities: ${all.join('; ')}`)]
}

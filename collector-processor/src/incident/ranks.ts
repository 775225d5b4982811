import { serviceOfKey } from './member.ts'
import type { OpenIncident } from './open-incident.ts'
import type { IncidentPorts, RankScope } from './ports.ts'

/** The evidence is thin when an incident opens: it is ranked again so long after. */
const SECOND_RANKING_MS = 2000

interface RankOptions {
  readonly rankWindowMs: number
  readonly rankIntervalMs: number
  readonly ranksPerTick: number
}

/**
 * When incidents are ranked: on opening, again two seconds later, then at most once per `rankIntervalMs` while there is new
 * evidence. Once it is older than `rankWindowMs` only new services cause a ranking, since by then the trouble itself would
 * pass for normal; such a ranking sees the end of it at best, and counts only where it is no less certain than the one before. At most `ranksPerTick` between two ticks.
 */
export class Ranks {
  readonly #options: RankOptions
  readonly #ports: IncidentPorts
  #left: number

  constructor(options: RankOptions, ports: IncidentPorts) {
    this.#options = options
    this.#ports = ports
    this.#left = options.ranksPerTick
  }

  refill(): void {
    this.#left = this.#options.ranksPerTick
  }

  /** Takes one of the rankings that are left for this tick. */
  take(): boolean {
    if (this.#left <= 0) return false
    this.#left--
    return true
  }

  due(incident: OpenIncident, nowMs: number): boolean {
    if (incident.rankings === 0) return true
    if (incident.rankings === 1) return nowMs - incident.openedMs >= SECOND_RANKING_MS
    if (nowMs - incident.rankedMs < this.#options.rankIntervalMs) return false
    return incident.servicesChanged || (this.#young(incident, nowMs) && incident.evidenceChanged)
  }

  /** What it began with is in sight of a ranking. */
  #young({ openedMs }: OpenIncident, nowMs: number): boolean {
    return nowMs - openedMs <= this.#options.rankWindowMs
  }

  rank(incident: OpenIncident, all: readonly OpenIncident[], nowMs: number): void {
    if (!this.take()) return
    const { services, hosts } = incident
    const sinceMs = Math.max(incident.startedMs, nowMs - this.#options.rankWindowMs)
    try {
      const symptoms = incident.symptoms()
      const scope: RankScope = { services, hosts, ...othersOf(incident, all) }
      const ranking = this.#ports.rank({ nowMs, sinceMs, symptoms, scope })
      const changed = this.#young(incident, nowMs)
        ? incident.ranked(ranking, nowMs)
        : incident.rankedLate(ranking, nowMs)
      incident.blastRadius = this.#ports.blastRadius(services)
      incident.traceIds = this.#ports.exemplars(services, sinceMs)
      if (changed) this.#tellCause(incident, nowMs)
    } catch (error) {
      incident.rankings++
      incident.rankedMs = nowMs
      this.#ports.failed(error)
    }
    incident.servicesChanged = false
  }

  #tellCause({ id, causes: [first] }: OpenIncident, nowMs: number): void {
    const text =
      first === undefined
        ? 'no cause is named any more'
        : `${first.service} is ranked first (${Math.round(100 * first.probability)} %, ${first.kind})${first.evidence[0] === undefined ? '' : `: ${first.evidence[0].text}`}`
    this.#ports.happened(id, { atMs: nowMs, kind: 'cause', subject: first?.service ?? '', text })
  }
}

/** What other incidents account for: their services, and their causes. */
function othersOf(
  incident: OpenIncident,
  all: readonly OpenIncident[],
): Pick<RankScope, 'elsewhere' | 'root' | 'rivals'> {
  const rootOf = ({ root }: OpenIncident) => (root === undefined ? undefined : serviceOfKey(root))
  const others = all.filter((other) => other !== incident)
  const root = rootOf(incident)
  const rivals = others.flatMap((other) => rootOf(other) ?? []).filter((other) => other !== root)
  const elsewhere = new Set([...others.flatMap(({ services }) => services), ...rivals])
  if (root !== undefined) elsewhere.delete(root)
  for (const service of incident.services) elsewhere.delete(service)
  return { elsewhere, root, rivals }
}

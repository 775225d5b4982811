import type { Ranking } from '@adf/contract'
import { Agreement } from './grouping/agreement.ts'
import { groupsOf } from './grouping/groups.ts'
import { type Placement, placementOf } from './grouping/placement.ts'
import { troubleOf } from './grouping/trouble.ts'
import { type Member, serviceKey } from './member.ts'
import type { OpenIncident } from './open-incident.ts'
import type { IncidentPorts } from './ports.ts'

/** So long looks must agree before incidents that people were told of merge or split. */
const LASTING_MS = 2000
/** So long after the latest opening the trouble is still unfolding: it is looked at each `LASTING_MS`. */
const UNFOLDING_MS = 10_000
/** Causes of the ranking of everything: more than people read, since each that is odd may lie between two others. */
const TOP = 50
const MAX_SYMPTOMS = 5000
/** From this probability on its cause, in its own ranking, an incident holds it. */
const LIKELY = 0.5

/**
 * Looks at all that is wrong at once and says which incidents there should be. The looks: whenever a member comes, every two
 * seconds while trouble unfolds or a merge or split is under way, else once per `rankIntervalMs`.
 */
export class Grouper {
  readonly #options: { readonly rankWindowMs: number; readonly rankIntervalMs: number }
  readonly #ports: Pick<IncidentPorts, 'rank' | 'callers' | 'failed'>
  readonly #agreement = new Agreement(LASTING_MS)
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(
    options: { readonly rankWindowMs: number; readonly rankIntervalMs: number },
    ports: Pick<IncidentPorts, 'rank' | 'callers' | 'failed'>,
  ) {
    this.#options = options
    this.#ports = ports
  }

  due(open: Iterable<OpenIncident>, newcomers: number, nowMs: number): boolean {
    if (newcomers > 0) return true
    const passedMs = nowMs - this.#lookedMs
    let openedMs = Number.NEGATIVE_INFINITY
    let members = 0
    for (const incident of open) {
      openedMs = Math.max(openedMs, incident.openedMs)
      members += incident.members.size
    }
    if (members < 2 || nowMs - openedMs > this.#options.rankWindowMs + LASTING_MS) return false
    const soon = this.#agreement.pending || nowMs - openedMs <= UNFOLDING_MS
    return passedMs >= (soon ? LASTING_MS : this.#options.rankIntervalMs)
  }

  /** `mayRank`: the budget of rankings allows one more; it costs one when there is more than one member. */
  look(
    open: readonly OpenIncident[],
    newcomers: ReadonlyMap<string, Member>,
    nowMs: number,
    mayRank: () => boolean,
  ): Placement {
    this.#lookedMs = nowMs
    const members = new Map(open.flatMap((incident) => [...incident.members]))
    for (const [key, member] of newcomers) members.set(key, member)
    const ranking = members.size > 1 && mayRank() ? this.#rank(open, newcomers, nowMs) : undefined
    // Trouble that passes for normal by now has its cause from before; beside it, so has all other trouble.
    const remember =
      ranking === undefined || open.some((one) => nowMs - one.openedMs > this.#options.rankWindowMs)
    const known = (remember ? open : []).flatMap(({ causes: [first] }): [string, number][] =>
      first === undefined ? [] : [[serviceKey(first.service), first.probability]],
    )
    const held = new Set(open.flatMap((one) => heldBy(one) ?? []))
    const trouble = troubleOf(members, ranking, { known, held }, (services) => this.#ports.callers(services))
    return placementOf(groupsOf(trouble), open)
  }

  agreed(proposal: string, nowMs: number): boolean {
    return this.#agreement.reached(proposal, nowMs)
  }

  endLook(): void {
    this.#agreement.endLook()
  }

  #rank(
    open: readonly OpenIncident[],
    newcomers: ReadonlyMap<string, Member>,
    nowMs: number,
  ): Ranking | undefined {
    // What began lately is told best by a window that begins with it; what is older, its incident has ranked before.
    const starts =
      newcomers.size > 0
        ? [...newcomers.values()].map(({ sinceMs }) => sinceMs)
        : open.map(({ startedMs }) => startedMs)
    const sinceMs = Math.max(Math.min(...starts), nowMs - this.#options.rankWindowMs)
    const symptoms = [...open, ...newcomers.values()]
      .flatMap((one) => [...one.symptoms()])
      .sort((a, b) => b.strength - a.strength)
      .slice(0, MAX_SYMPTOMS)
    try {
      return this.#ports.rank({ nowMs, sinceMs: Math.min(sinceMs, nowMs), symptoms, top: TOP })
    } catch (error) {
      this.#ports.failed(error)
      return undefined
    }
  }
}

/** The cause that an incident has made out for itself: it stays one while its evidence ebbs, unless another explains it. */
function heldBy({ root, causes: [first] }: OpenIncident): string | undefined {
  const likely = first !== undefined && first.probability > LIKELY
  return likely && root === serviceKey(first.service) ? root : undefined
}

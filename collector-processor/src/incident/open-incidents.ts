import type { Incident } from '@adf/contract'
import { entityIdOf } from './member.ts'
import type { OpenIncident } from './open-incident.ts'
import type { Symptom } from './ports.ts'

/** The incidents that are open, in order of opening, and what is asked of them. */
export class OpenIncidents {
  readonly #open = new Map<string, OpenIncident>()
  readonly #byMember = new Map<string, OpenIncident>()
  #entityIds = new Set<string>()

  /** Open incidents as they are now, oldest first. */
  open(): Incident[] {
    return this.all().map((incident) => incident.toIncident('open', null, null))
  }

  /** What is seen of all open incidents, strongest first. */
  symptoms(): Symptom[] {
    return this.all()
      .flatMap((incident) => incident.symptoms())
      .sort((a, b) => b.strength - a.strength)
  }

  /** True while the entity has anomalies in an open incident. */
  holds(entityId: string): boolean {
    return this.#entityIds.has(entityId)
  }

  /** Services of all open incidents. */
  services(): string[] {
    return [...new Set(this.all().flatMap(({ services }) => services))]
  }

  /** Services of the open incidents that hold several entities. */
  spreadingServices(): string[] {
    const spreading = this.all().filter(({ only }) => only === undefined)
    return [...new Set(spreading.flatMap(({ services }) => services))]
  }

  /** True while the entity has anomalies in open incidents, and nothing else has in these. */
  aloneIn(entityId: string): boolean {
    let alone = false
    for (const incident of this.all()) {
      if (incident.only === entityId) alone = true
      else if (incident.entityIds.has(entityId)) return false
    }
    return alone
  }

  get openCount(): number {
    return this.#open.size
  }

  protected all(): OpenIncident[] {
    return [...this.#open.values()]
  }

  protected byId(id: string): OpenIncident | undefined {
    return this.#open.get(id)
  }

  /** The incident that has this member. */
  protected of(memberKey: string): OpenIncident | undefined {
    return this.#byMember.get(memberKey)
  }

  /** A new one, or one whose members changed. */
  protected put(incident: OpenIncident): void {
    this.#open.set(incident.id, incident)
    for (const [key, { entities }] of incident.members) {
      this.#byMember.set(key, incident)
      for (const entity of entities) this.#entityIds.add(entityIdOf(entity))
    }
  }

  protected remove(incident: OpenIncident): void {
    this.#open.delete(incident.id)
    for (const key of incident.members.keys()) {
      if (this.#byMember.get(key) === incident) this.#byMember.delete(key)
    }
    // An entity may have anomalies in several streams, hence in several incidents.
    this.#entityIds = new Set(this.all().flatMap(({ entityIds }) => [...entityIds]))
  }

  protected entityJoined(entityId: string): void {
    this.#entityIds.add(entityId)
  }

  protected setRoot(id: string, root: string): void {
    const incident = this.#open.get(id)
    if (incident === undefined || incident.root === root) return
    incident.root = root
    this.rankAnew()
  }

  /** What one incident accounts for is no cause of the others: they are ranked again when that changes. */
  protected rankAnew(): void {
    for (const incident of this.#open.values()) incident.evidenceChanged = true
  }
}

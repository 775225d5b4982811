import type { Resource } from '../telemetry/resource.ts'
import { type DeploymentSight, Deployments, deploymentSights } from './deployments.ts'
import { type PlacementSight, Placements, placementSight } from './placements.ts'

/** A resource tells nothing new within so long, ms. */
const AGAIN_MS = 1000

/** What one resource tells. */
export interface Sight {
  readonly placement: PlacementSight
  readonly deployments: readonly DeploymentSight[]
}

interface Known extends Sight {
  seenMs: number
}

/** What resources tell beside calls: what runs where, and since when. Looked at once a second for each resource, whatever its spans. */
export class Relations {
  readonly placements: Placements
  readonly deployments: Deployments
  readonly #configKeys: readonly string[]
  readonly #told: ((service: string, sight: Sight) => void) | undefined
  /** Resources are given up by their table; what is known of them goes with them. */
  readonly #sights = new WeakMap<Resource, Known>()

  /**
   * @param limit placements, and attributes that tell releases, kept at once; `dropped` is told of each that gives way
   * @param told hears what every resource tells, each time that it is looked at
   */
  constructor(
    limit: number,
    configKeys: readonly string[],
    dropped: () => void,
    told?: (service: string, sight: Sight) => void,
  ) {
    this.#told = told
    this.placements = new Placements(limit, dropped)
    this.deployments = new Deployments(limit, dropped)
    this.#configKeys = configKeys
  }

  see(resources: readonly Resource[], nowMs: number): void {
    for (let i = 0; i < resources.length; i++) {
      const resource = resources[i]!
      const known = this.#sights.get(resource)
      if (known === undefined) this.#first(resource, nowMs)
      else if (nowMs - known.seenMs >= AGAIN_MS) this.#again(resource, known, nowMs)
    }
  }

  /** Forgets what was not seen since then; changes stay. */
  forgetBefore(ms: number): void {
    this.placements.forgetBefore(ms)
    this.deployments.forgetBefore(ms)
  }

  #first(resource: Resource, nowMs: number): void {
    const sight = {
      seenMs: nowMs,
      placement: placementSight(resource),
      deployments: deploymentSights(resource, this.#configKeys),
    }
    this.#sights.set(resource, sight)
    this.#again(resource, sight, nowMs)
  }

  #again(resource: Resource, sight: Known, nowMs: number): void {
    sight.seenMs = nowMs
    this.tell(resource.service, sight, nowMs)
  }

  /** Somebody saw a resource that tells this. */
  tell(service: string, sight: Sight, nowMs: number): void {
    this.placements.see(sight.placement, nowMs)
    for (const deployment of sight.deployments) this.deployments.see(service, deployment, nowMs)
    this.#told?.(service, sight)
  }
}

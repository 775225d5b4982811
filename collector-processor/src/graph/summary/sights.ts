import type { SpanSummary } from '@adf/contract'
import { type DeploymentSight, deploymentKey } from '../deployments.ts'
import { placementKey } from '../placements.ts'
import type { Sight } from '../relations.ts'

/** A resource that is the same for so long is not told again before, ms. */
const AGAIN_MS = 30_000

/** What resources told and nobody was told yet: each sight once in half a minute. */
export class Sights {
  readonly #limit: number
  readonly #dropped: () => void
  /** When each was told last. */
  readonly #toldMs = new Map<string, number>()
  #waiting: SpanSummary['sights'] = []

  /** @param limit different ones within half a minute; `dropped` is told of each that is not told for want of room */
  constructor(limit: number, dropped: () => void) {
    this.#limit = limit
    this.#dropped = dropped
  }

  add(service: string, { placement, deployments }: Sight, nowMs: number): void {
    const key = `${placement.key}${deployments.map(({ attribute, value }) => `\n${attribute}=${value}`).join('')}`
    const told = this.#toldMs.get(key)
    if (told !== undefined && nowMs - told < AGAIN_MS) return
    if (told === undefined && this.#toldMs.size >= this.#limit) this.#forget(nowMs)
    if (told === undefined && this.#toldMs.size >= this.#limit) {
      this.#dropped()
      return
    }
    this.#toldMs.set(key, nowMs)
    const { pod, node } = placement
    this.#waiting.push({
      service,
      pod,
      node,
      placement: placement.placement === undefined ? null : withoutService(placement.placement),
      deployments: deployments.map(({ what, attribute, value }) => ({ what, attribute, value })),
    })
  }

  take(): SpanSummary['sights'] {
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }

  #forget(nowMs: number): void {
    for (const [key, told] of this.#toldMs) if (nowMs - told >= AGAIN_MS) this.#toldMs.delete(key)
  }
}

const withoutService = ({
  instance,
  pod,
  node,
  host,
}: {
  instance: string
  pod: string
  node: string
  host: string
}) => ({
  instance,
  pod,
  node,
  host,
})

/** The sight that a message tells of. */
export function sightOf({
  service,
  placement,
  pod,
  node,
  deployments,
}: SpanSummary['sights'][number]): Sight {
  const placed = placement === null ? undefined : { service, ...placement }
  return {
    placement: {
      key: placementKey(placed ?? { service, instance: '', pod, node, host: '' }),
      placement: placed,
      pod,
      node,
    },
    deployments: deployments.map(
      (one): DeploymentSight => ({ ...one, key: deploymentKey(service, one.attribute) }),
    ),
  }
}

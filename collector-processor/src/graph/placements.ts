import type { Resource } from '../telemetry/resource.ts'
import { RecentMap, type Seen } from './recent-map.ts'

/** Where an instance of a service runs, as far as its resource attributes tell; '' = they do not. */
export interface Placement extends Seen {
  readonly service: string
  readonly instance: string
  readonly pod: string
  readonly node: string
  readonly host: string
}

interface PodNode extends Seen {
  readonly node: string
}

/** What a resource tells of where things run: a service's instance, or the node of a pod. */
export interface PlacementSight {
  readonly key: string
  readonly placement: Omit<Placement, 'lastSeenMs'> | undefined
  /** NAMESPACE/NAME, '' when the resource names no pod. */
  readonly pod: string
  readonly node: string
}

/**
 * The relation *runs on*: service instance → host, pod → node. The SDK in a pod often knows no node, while the kubelet's metrics
 * know no service: the pod's name joins the two.
 */
export class Placements {
  readonly #placements: RecentMap<Placement>
  readonly #nodeOfPod: RecentMap<PodNode>

  constructor(limit: number, evicted: () => void) {
    this.#placements = new RecentMap(limit, evicted)
    this.#nodeOfPod = new RecentMap(limit, evicted)
  }

  get size(): number {
    return this.#placements.size
  }

  see({ key, placement, pod, node }: PlacementSight, nowMs: number): void {
    if (pod !== '' && node !== '') {
      const known = this.#nodeOfPod.get(pod)
      // a StatefulSet's pod keeps its name on another node
      if (known === undefined || known.node === node)
        this.#nodeOfPod.see(pod, nowMs, () => ({ node, lastSeenMs: nowMs }))
      else if (nowMs > known.lastSeenMs) {
        this.#nodeOfPod.remove(pod)
        this.#nodeOfPod.see(pod, nowMs, () => ({ node, lastSeenMs: nowMs }))
      }
    }
    if (placement !== undefined) this.#placements.see(key, nowMs, () => ({ ...placement, lastSeenMs: nowMs }))
  }

  forgetBefore(ms: number): void {
    this.#placements.forgetBefore(ms)
    this.#nodeOfPod.forgetBefore(ms)
  }

  /** Longest unseen first; what the pod's own resource told of its node is filled in. */
  *all(): IterableIterator<Placement> {
    for (const placement of this.#placements.values()) {
      const node = placement.node || (this.#nodeOfPod.get(placement.pod)?.node ?? '')
      yield node === placement.node ? placement : { ...placement, node }
    }
  }
}

export const placementKey = ({ service, instance, pod, node, host }: Omit<Placement, 'lastSeenMs'>): string =>
  JSON.stringify([service, instance, pod, node, host])

export function placementSight({ service, attributes }: Resource): PlacementSight {
  const of = (name: string) => attributes.get(name) ?? ''
  const name = of('k8s.pod.name')
  const namespace = of('k8s.namespace.name')
  const pod = name !== '' && namespace !== '' ? `${namespace}/${name}` : name
  const node = of('k8s.node.name')
  const host = of('host.name')
  const instance = of('service.instance.id')
  const placed = service !== '' && (pod !== '' || node !== '' || host !== '')
  return {
    key: placementKey({ service, instance, pod, node, host }),
    placement: placed ? { service, instance, pod, node, host } : undefined,
    pod,
    node,
  }
}

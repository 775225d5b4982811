import { cutText } from '../telemetry/cut-text.ts'
import type { Resource } from '../telemetry/resource.ts'
import { RecentMap, type Seen } from './recent-map.ts'

/** A change of what a service runs, seen in its resource attributes. */
export interface Change {
  readonly service: string
  readonly what: 'version' | 'image' | 'config'
  /** Resource attribute that changed. */
  readonly attribute: string
  readonly from: string
  readonly to: string
  /** Arrival of the first telemetry with the new value. */
  readonly atMs: number
}

/** One value of one attribute, as a resource has it. */
export interface DeploymentSight {
  readonly key: string
  readonly what: Change['what']
  readonly attribute: string
  readonly value: string
}

/** Resource attributes whose change is a change of configuration; config may name more. A ReplicaSet's name ends with the hash of its pods' template. */
const CONFIG_KEYS = [
  'deployment.config.hash',
  'service.config.hash',
  'config.hash',
  'k8s.pod.label.pod-template-hash',
  'k8s.pod.labels.pod-template-hash',
  'k8s.replicaset.name',
]
const IMAGE = 'container.image.name'
const TAGS = ['container.image.tag', 'container.image.tags']

/** A value that was away for so long and comes back is a change too: a rollback. */
const RETURN_MS = 5 * 60_000
/** Values of one attribute at once; with more it tells instances apart, not releases. */
const MAX_VALUES = 8
const MAX_CHANGES = 1000
const MAX_VALUE = 256

interface Attribute extends Seen {
  current: string
  /** When each value was seen last, longest ago first. */
  readonly values: Map<string, number>
}

/**
 * The relation *deployed*: when a service began to run something else. While a deployment rolls, old and new values come in turn;
 * that is one change, at the first sight of the new value. The first value of all is no change: nobody knows what was before.
 */
export class Deployments {
  readonly #attributes: RecentMap<Attribute>
  readonly #dropped: () => void
  readonly #changes: Change[] = []

  /** @param dropped told of attributes that gave way, and of values that are too many to be releases */
  constructor(limit: number, dropped: () => void) {
    this.#attributes = new RecentMap(limit, dropped)
    this.#dropped = dropped
  }

  /** Oldest first; at most 1,000, of which the oldest gives way. */
  get changes(): readonly Change[] {
    return this.#changes
  }

  see(service: string, { key, what, attribute, value }: DeploymentSight, nowMs: number): void {
    const known = this.#attributes.see(key, nowMs, () => ({
      current: value,
      values: new Map([[value, nowMs]]),
      lastSeenMs: nowMs,
    }))
    const last = known.values.get(value)
    known.values.delete(value)
    known.values.set(value, nowMs)
    const released = last === undefined || nowMs - last > RETURN_MS
    if (value !== known.current && released && this.#room(known, nowMs)) {
      this.#changes.push({ service, what, attribute, from: known.current, to: value, atMs: nowMs })
      if (this.#changes.length > MAX_CHANGES) this.#changes.shift()
      known.current = value
    }
  }

  /** Takes up what was told before a restart, oldest first; what its attributes changed to last is what they have until they are seen. */
  restore(changes: readonly Change[]): void {
    for (const change of changes.slice(-MAX_CHANGES)) {
      const { service, attribute, to, atMs } = change
      this.#changes.push(change)
      const known = this.#attributes.see(deploymentKey(service, attribute), atMs, () => ({
        current: to,
        values: new Map(),
        lastSeenMs: atMs,
      }))
      known.current = to
      known.values.set(to, atMs)
    }
  }

  forgetBefore(ms: number): void {
    this.#attributes.forgetBefore(ms)
  }

  /** Lets the value go that is unseen for longest when there are too many; false when it was seen lately. */
  #room({ values }: Attribute, nowMs: number): boolean {
    const [oldest] = values
    if (values.size <= MAX_VALUES || oldest === undefined) return true
    values.delete(oldest[0])
    if (nowMs - oldest[1] > RETURN_MS) return true
    this.#dropped()
    return false
  }
}

export const deploymentKey = (service: string, attribute: string): string => `${service}\n${attribute}`

/** @param configKeys attributes beside the known ones */
export function deploymentSights(
  { service, attributes }: Resource,
  configKeys: readonly string[],
): DeploymentSight[] {
  if (service === '') return []
  const sight = (what: Change['what'], attribute: string, value: string | undefined) =>
    value
      ? [{ key: deploymentKey(service, attribute), what, attribute, value: cutText(value, MAX_VALUE) }]
      : []
  const keys = new Set([...CONFIG_KEYS, ...configKeys])
  return [
    ...sight('version', 'service.version', attributes.get('service.version')),
    ...sight('image', IMAGE, imageOf(attributes)),
    ...Array.from(keys).flatMap((key) => sight('config', key, attributes.get(key))),
  ]
}

/** NAME:TAG@ID, of what is there. */
function imageOf(attributes: ReadonlyMap<string, string>): string {
  const name = attributes.get(IMAGE) ?? ''
  const tag = TAGS.map((key) => attributes.get(key)).find((value) => value)
  const id = attributes.get('container.image.id')
  // the order of tags means nothing, and the id says it all
  if (id) return `${name}@${id}`
  return tag === undefined ? name : `${name}:${tag}`
}

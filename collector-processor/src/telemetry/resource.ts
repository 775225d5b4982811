import type { Entity } from '@adf/contract'

/**
 * A decoded OpenTelemetry resource. The same resource bytes give the same object, so that it can be a map's key.
 * Bounded: past the limit of known resources a batch gets the resource of its service alone (instance dropped), and past
 * the limit of services the resource `(other)`; both are counted.
 */
export interface Resource {
  /** Dense and stable within a process. */
  readonly index: number
  /** Named by service.namespace/service.name/service.instance.id; undefined when there is no service.name. */
  readonly serviceEntity: Entity | undefined
  /** Named by host.name; `unknown_host` where neither a host nor a service is named, undefined where only a service is. */
  readonly hostEntity: Entity | undefined
  /** Node of the causal graph: service.name, or NAMESPACE/NAME when service.namespace is set; '' without a service. */
  readonly service: string
  /** All string attributes, at most 64. */
  readonly attributes: ReadonlyMap<string, string>
}

import type { Entity } from '@adf/contract'

/** The node of the causal graph that stands for a service entity; undefined for hosts and events. */
export function nodeOf(entity: Entity): string | undefined {
  if (entity.kind !== 'service' || entity.service === undefined) return undefined
  return entity.namespace === undefined || entity.namespace === ''
    ? entity.service
    : `${entity.namespace}/${entity.service}`
}

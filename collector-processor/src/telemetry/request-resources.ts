import type { Resource } from './resource.ts'

/** Index of the resource in the list of its batch, where it is appended when it is not there yet. */
export function requestLocal(resources: Resource[], resource: Resource): number {
  if (resources.at(-1) === resource) return resources.length - 1
  const known = resources.indexOf(resource)
  return known >= 0 ? known : resources.push(resource) - 1
}

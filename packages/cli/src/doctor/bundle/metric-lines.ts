/** Labels whose values come from telemetry: names of services and entities are nobody's business but the operator's. */
const FROM_TELEMETRY = /[{,](entity|service|client|server)="/

/** Prometheus text without the series of entities and services, and how many these were. */
export function ownMetrics(text: string): { readonly lines: readonly string[]; readonly leftOut: number } {
  const all = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const lines = all.filter((line) => !FROM_TELEMETRY.test(line))
  return { lines, leftOut: all.length - lines.length }
}

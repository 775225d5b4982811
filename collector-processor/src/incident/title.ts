import type { RootCause } from '@adf/contract'

/** From this share of the blame a cause is named as the probable one even when another is close. */
const PROBABLE = 0.5
/** Below that, the first cause must have this share, and be this many times ahead of the second. */
const LEADING = 0.25
const AHEAD = 2

/**
 * One sentence with the answer in it: the probable cause and its strongest evidence, or the best leads when no cause
 * stands out. `symptom` is said when there is no ranking yet.
 */
export function titleOf(causes: readonly RootCause[], affected: readonly string[], symptom: string): string {
  const [first, second] = causes
  if (first === undefined) {
    const who =
      affected.length === 0 ? '' : `${affected.slice(0, 3).map(nameOf).join(', ')}${more(affected)}: `
    return `${who}${symptom}`
  }
  const stands =
    first.probability >= PROBABLE ||
    (first.probability >= LEADING &&
      first.probability >= AHEAD * (second === undefined ? 0 : second.probability))
  if (!stands) {
    const leads = causes
      .slice(0, 3)
      .map((cause) => `${nameOf(cause.service)} (${percent(cause.probability)})`)
    return `no single cause stands out; best leads: ${leads.join(', ')}`
  }
  const why = first.evidence[0]?.text ?? symptom
  return `${nameOf(first.service)} is the probable cause (${percent(first.probability)}): ${why}`
}

/** `database:postgres` (a virtual node) is read as "postgres (database)". */
function nameOf(service: string): string {
  const virtual = /^(database|messaging|peer|user):(.+)$/.exec(service)
  return virtual === null ? service : `${virtual[2]} (${virtual[1]})`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function more(services: readonly string[]): string {
  return services.length > 3 ? ` and ${services.length - 3} more` : ''
}

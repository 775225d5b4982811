import type { RootCause } from '@adf/contract'

/** From this share of the blame a cause is named as the probable one even when another is close. */
const PROBABLE = 0.5
/** Below that, the first cause must have this share, and be this many times ahead of the second. */
const LEADING = 0.25
const AHEAD = 2

/** From this probability that it is none of the causes on, none of them is named as the probable one. */
const MOSTLY_NONE = 0.5

/**
 * One sentence with the answer in it: the probable cause and its strongest evidence, or that none stands out, and the best
 * leads. `none`: probability that it is none of them. `symptom` is said when there is no cause.
 */
export function titleOf(
  causes: readonly RootCause[],
  none: number | null,
  affected: readonly string[],
  symptom: string,
): string {
  const [first] = causes
  if (first === undefined) {
    const who =
      affected.length === 0 ? '' : `${affected.slice(0, 3).map(nameOf).join(', ')}${more(affected)}: `
    return `${who}${symptom}`
  }
  if (!standsOut(causes, none)) {
    const leads = causes
      .slice(0, 3)
      .map((cause) => `${nameOf(cause.service)} (${percent(cause.probability)})`)
    const why =
      none !== null && none > MOSTLY_NONE
        ? `no known cause is likely (none of these: ${percent(none)})`
        : 'no single cause stands out'
    return `${why}; best leads: ${leads.join(', ')}`
  }
  const why = first.evidence[0]?.text ?? symptom
  return `${nameOf(first.service)} is the probable cause (${percent(first.probability)}): ${why}`
}

/** Whether the first cause may be called the probable one. */
function standsOut(causes: readonly RootCause[], none: number | null): boolean {
  const [first, second] = causes
  if (first === undefined || (none !== null && none > MOSTLY_NONE)) return false
  return (
    first.probability >= PROBABLE ||
    (first.probability >= LEADING && first.probability >= AHEAD * (second?.probability ?? 0))
  )
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

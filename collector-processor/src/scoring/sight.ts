import { type Family, familyOf, type Judgement, type PanelMember, type Sight } from '@adf/detectors'

/**
 * What each family of detectors says of a vector: the largest score of those that have a say. Fixed limits are about single values.
 *
 * @param limit severity of the violated fixed limits, 0 when all are kept
 */
export function sightOf(
  limit: number,
  judgement: Judgement | undefined,
  members: readonly PanelMember[],
): Sight {
  const sight: Record<Family, number> = { marginal: limit, contextual: 0, collective: 0 }
  for (const [m, { weight, detector }] of members.entries()) {
    const severity = weight > 0 ? (judgement?.severities[m] ?? 0) : 0
    const family = familyOf(detector.kind)
    if (severity > sight[family]) sight[family] = severity
  }
  return sight
}

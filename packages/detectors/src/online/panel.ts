import type { DetectorSpec } from '../create.ts'

/** One of the detectors that judge an entity side by side. */
export interface PanelMember {
  /** Its name in metrics, in saved state and on anomalies; no two members have the same. */
  readonly name: string
  readonly detector: DetectorSpec
  /** Half-life, in vectors, of the background that its scores are taken relative to; left out: they are taken as they are. */
  readonly background?: number | undefined
  /** How its calibration is fitted (`FitOptions`); left out: as such scores usually are. */
  readonly tail?: 'counted' | undefined
  /** `recent`: the calibration stands on the latest scores alone, as that of a detector must whose scores drift. */
  readonly memory?: 'recent' | 'long' | undefined
  /**
   * Share of the false alarms that it may make; those of a panel add up to 1. 0: it is compared with the others, and has no say.
   */
  readonly weight: number
}

/** What a panel says of one vector. Arrays have one number for each member, in their order. */
export interface Judgement {
  readonly raw: Float64Array
  /** Calibrated, each by itself, without the upper end. */
  readonly severities: Float64Array
  /** Of all members that have a say, calibrated. */
  readonly severity: number
  /** The member that says most, weighted. */
  readonly leading: number
}

/**
 * One severity of several by the weighted Bonferroni rule: the smallest p-value of all, each divided by the member's weight, is at
 * most as often below a level as that level says, however the members hang together. A severity is −log10(p)/6.
 *
 * Source: C. R. Genovese, K. Roeder, L. Wasserman: False discovery control with p-value weighting (Biometrika 2006).
 */
export function panelSeverity(
  severities: Float64Array,
  panel: readonly { readonly member: Pick<PanelMember, 'weight'> }[],
) {
  let [severity, leading] = [0, 0]
  for (let m = 0; m < panel.length; m++) {
    const { weight } = panel[m]!.member
    const each = weight > 0 ? severities[m]! + Math.log10(weight) / 6 : 0
    if (each <= severity) continue
    severity = each
    leading = m
  }
  return { severity, leading }
}

/** @throws RangeError when names repeat or weights are no shares of the false alarms */
export function checkPanel(members: readonly PanelMember[]): void {
  const names = new Set(members.map(({ name }) => name))
  if (names.size < members.length)
    throw new RangeError(`a panel has a name twice: ${members.map(({ name }) => name).join(', ')}`)
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  if (members.some(({ weight }) => !(weight >= 0)) || Math.abs(total - 1) > 1e-9)
    throw new RangeError(
      `weights of a panel add up to 1, not ${members.map(({ weight }) => weight).join(' + ')}`,
    )
}

/** Harmonic mean; 0 when both are 0. */
export function f1Of(precision: number, recall: number): number {
  return precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0
}

/** Precision of flags, row by row; 0 without a flag. */
export function pointPrecision(labels: Uint8Array, flags: Uint8Array): number {
  const flagged = sum(flags)
  return flagged > 0 ? hits(labels, flags) / flagged : 0
}

/** F1 of flags, row by row, nothing adjusted. */
export function pointF1(labels: Uint8Array, flags: Uint8Array): number {
  return f1Of(pointPrecision(labels, flags), hits(labels, flags) / sum(labels))
}

export interface Curve {
  /** Area under precision and recall as steps: average precision (as sklearn's `average_precision_score`). */
  readonly aucPr: number
  /** The largest F1 that any threshold on these scores gives, row by row. */
  readonly bestF1: number
}

/** Over all thresholds; rows of equal score are flagged together. `labels` has at least one 1. */
export function precisionRecall(labels: Uint8Array, scores: Float64Array): Curve {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  const positives = sum(labels)
  let found = 0
  let counted = 0
  let aucPr = 0
  let bestF1 = 0
  for (let i = 0; i < order.length; i++) {
    found += labels[order[i]!]!
    if (i + 1 < order.length && scores[order[i]!] === scores[order[i + 1]!]) continue
    aucPr += ((found - counted) / positives) * (found / (i + 1))
    counted = found
    bestF1 = Math.max(bestF1, (2 * found) / (i + 1 + positives))
  }
  return { aucPr, bestF1 }
}

function hits(labels: Uint8Array, flags: Uint8Array): number {
  return labels.reduce((count, label, i) => count + (label & flags[i]!), 0)
}

function sum(flags: Uint8Array): number {
  return flags.reduce((count, flag) => count + flag, 0)
}

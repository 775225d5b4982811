import { type Segment, segmentsOf } from './segments.ts'

const THRESHOLDS = 250

/**
 * Volume under the surface of precision and recall: the area under the range-based precision-recall curve, averaged over all
 * buffer lengths from 0 to `window`. Around each event labels fall off gently over half a buffer on either side, and recall
 * is multiplied by the share of events that are found at all.
 *
 * Every row is given the first of 250 thresholds (quantiles of the scores) that it reaches; all counts over thresholds are then
 * cumulative sums, and an event is found from the smallest threshold index inside it on. O(window × (rows around and in events +
 * thresholds)). `labels` has at least one 1.
 *
 * Source: P. Boniol, A. Krishna, M. Bruel, Q. Liu, M. Huang, T. Palpanas, R. Tsay, A. Elmore, M. Franklin, J. Paparrizos: VUS:
 * effective and efficient accuracy measures for time-series anomaly detection, VLDB Journal 2025.
 */
export function vusPr(labels: Uint8Array, scores: Float64Array, window: number): number {
  const reached = firstReached(scores)
  const events = segmentsOf(labels)
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const flagged = new Float64Array(THRESHOLDS)
  const hits = new Float64Array(THRESHOLDS)
  for (let i = 0; i < reached.length; i++) {
    flagged[reached[i]!]! += 1
    hits[reached[i]!]! += labels[i]!
  }
  for (let k = 1; k < THRESHOLDS; k++) {
    flagged[k]! += flagged[k - 1]!
    hits[k]! += hits[k - 1]!
  }
  const weights = new Float64Array(labels.length)
  const near = new Float64Array(THRESHOLDS)
  const found = new Float64Array(THRESHOLDS)
  let volume = 0
  for (let buffer = 0; buffer <= window; buffer++) {
    near.fill(0)
    found.fill(0)
    addBuffers(near, { labels, reached, events, weights }, buffer)
    const merged = addFound(found, reached, events, buffer >> 1)
    let lastRecall = 0
    let nearSum = 0
    let foundSum = 0
    for (let k = 0; k < THRESHOLDS; k++) {
      nearSum += near[k]!
      foundSum += found[k]!
      const truePositives = hits[k]! + nearSum
      const existing = (positives + positives + nearSum) / 2
      const recall = Math.min(truePositives / existing, 1) * (foundSum / merged)
      volume += (recall - lastRecall) * (truePositives / flagged[k]!)
      lastRecall = recall
    }
  }
  return volume / (window + 1)
}

/** For each row the index of the first threshold, from the highest on, that its score reaches. */
function firstReached(scores: Float64Array): Uint8Array {
  const sorted = scores.toSorted().reverse()
  const step = (scores.length - 1) / (THRESHOLDS - 1)
  const thresholds = Float64Array.from({ length: THRESHOLDS }, (_, k) =>
    k === THRESHOLDS - 1 ? sorted.at(-1)! : sorted[Math.trunc(k * step)]!,
  )
  return Uint8Array.from(scores, (score) => {
    let low = 0
    let high = THRESHOLDS - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (score >= thresholds[middle]!) high = middle
      else low = middle + 1
    }
    return low
  })
}

interface Rows {
  readonly labels: Uint8Array
  readonly reached: Uint8Array
  readonly events: readonly Segment[]
  /** All 0, and left so. */
  readonly weights: Float64Array
}

/** Adds the labels that the rows beside the events have, at most 1 where two buffers meet. */
function addBuffers(near: Float64Array, { labels, reached, events, weights }: Rows, buffer: number): void {
  const half = buffer >> 1
  for (const { from, to } of events) {
    for (let i = to; i < Math.min(to + half, labels.length); i++)
      weights[i]! += Math.sqrt(1 - (i - to + 1) / buffer)
    for (let i = Math.max(from - half, 0); i < from; i++) weights[i]! += Math.sqrt(1 - (from - i) / buffer)
  }
  const take = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      if (labels[i] === 0) near[reached[i]!]! += Math.min(1, weights[i]!)
      weights[i] = 0
    }
  }
  for (const { from, to } of events) {
    take(Math.max(from - half, 0), from)
    take(to, Math.min(to + half, labels.length))
  }
}

/** Adds 1 where each event with its buffer is first found; events whose buffers meet are one. Gives their number. */
function addFound(
  found: Float64Array,
  reached: Uint8Array,
  events: readonly Segment[],
  half: number,
): number {
  let merged = 0
  let from = Math.max(0, events[0]!.from - half)
  for (const [i, event] of events.entries()) {
    const next = events[i + 1]
    if (next !== undefined && event.to - 1 + half >= next.from - half) continue
    let first = THRESHOLDS - 1
    for (let row = from; row < Math.min(event.to + half, reached.length); row++)
      if (reached[row]! < first) first = reached[row]!
    found[first]! += 1
    merged++
    if (next !== undefined) from = next.from - half
  }
  return merged
}

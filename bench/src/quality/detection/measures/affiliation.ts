import { f1Of } from './points.ts'
import { type Segment, segmentsOf } from './segments.ts'

export interface Affiliation {
  /** NaN without a flag. */
  readonly precision: number
  readonly recall: number
  /** 0 without a flag. */
  readonly f1: number
}

/**
 * Affiliation precision and recall: time is cut into one zone for each event, halfway between neighbours. In each zone, how
 * near flags are to the event (precision) and the event to flags (recall), as the probability that a random point of the
 * zone would be farther. A row is the interval from its index to the next.
 *
 * Zones without a flag have no precision and are left out of its mean; their recall is 0. O(rows).
 *
 * Source: A. Huet, J. M. Navarro, D. Rossi: Local evaluation of time series anomaly detection algorithms, KDD 2022.
 */
export function affiliation(labels: Uint8Array, flags: Uint8Array): Affiliation {
  const events = segmentsOf(labels)
  const predictions = segmentsOf(flags)
  let precisionSum = 0
  let judged = 0
  let recallSum = 0
  let first = 0
  for (const [j, event] of events.entries()) {
    const zone = {
      from: j === 0 ? 0 : (events[j - 1]!.to + event.from) / 2,
      to: j === events.length - 1 ? labels.length : (event.to + events[j + 1]!.from) / 2,
    }
    while (first < predictions.length && predictions[first]!.to <= zone.from) first++
    const inside: Segment[] = []
    for (let p = first; p < predictions.length && predictions[p]!.from < zone.to; p++)
      inside.push(cut(predictions[p]!, zone))
    if (inside.length === 0) continue
    judged++
    precisionSum += zonePrecision(inside, event, zone)
    recallSum += zoneRecall(inside, event, zone)
  }
  const precision = judged > 0 ? precisionSum / judged : Number.NaN
  const recall = recallSum / events.length
  return { precision, recall, f1: judged > 0 ? f1Of(precision, recall) : 0 }
}

/** Mean over the flagged time of the probability that a random point of the zone is farther from the event. */
function zonePrecision(predictions: readonly Segment[], event: Segment, zone: Segment): number {
  const nearest = Math.min(event.from - zone.from, zone.to - event.to)
  /** ∫ |{points of the zone nearer than d}| dd from 0 to d. */
  const nearer = (d: number) => {
    const capped = d <= nearest ? (d * d) / 2 : nearest * d - (nearest * nearest) / 2
    return capped + (d * d) / 2 + length(event) * d
  }
  /** ∫ of the probability over the part of a prediction between two distances from the event. */
  const outside = (near: number, far: number) =>
    far > near ? far - near - (nearer(far) - nearer(near)) / length(zone) : 0
  let total = 0
  let duration = 0
  for (const prediction of predictions) {
    const { from, to } = prediction
    total += Math.max(0, Math.min(to, event.to) - Math.max(from, event.from))
    total += outside(Math.max(0, event.from - to), event.from - from)
    total += outside(Math.max(0, from - event.to), to - event.to)
    duration += length(prediction)
  }
  return total / duration
}

/** Mean over the event of the probability that a random point of the zone is farther than the nearest flag. */
function zoneRecall(predictions: readonly Segment[], event: Segment, zone: Segment): number {
  let total = 0
  for (const [i, prediction] of predictions.entries()) {
    // The part of the event that is nearer to this prediction than to the others.
    const from = i === 0 ? zone.from : (predictions[i - 1]!.to + prediction.from) / 2
    const to = i === predictions.length - 1 ? zone.to : (prediction.to + predictions[i + 1]!.from) / 2
    const part = cut(event, { from, to })
    if (part.to <= part.from) continue
    total += Math.max(0, Math.min(part.to, prediction.to) - Math.max(part.from, prediction.from))
    total += before(part, prediction.from, prediction.from - zone.from, zone)
    total += after(part, prediction.to, zone.to - prediction.to, zone)
  }
  return total / length(event)
}

/** The part of the event before a prediction that begins at `border`. */
function before({ from, to }: Segment, border: number, room: number, zone: Segment): number {
  return farther(Math.max(0, border - to), border - from, room, zone)
}

function after({ from, to }: Segment, border: number, room: number, zone: Segment): number {
  return farther(Math.max(0, from - border), to - border, room, zone)
}

/**
 * ∫ over distances d to a prediction of the probability that a random point is farther than d from the point of the event
 * there: of the zone, d lies towards the prediction, and at most `room` - d on the other side.
 */
function farther(near: number, far: number, room: number, zone: Segment): number {
  if (far <= near) return 0
  const shorter = (d: number) => (d <= room / 2 ? (d * d) / 2 : room * d - (d * d) / 2 - (room * room) / 4)
  const covered = (far * far - near * near) / 2 + shorter(far) - shorter(near)
  return far - near - covered / length(zone)
}

function length({ from, to }: Segment): number {
  return to - from
}

function cut(segment: Segment, zone: Segment): Segment {
  return { from: Math.max(segment.from, zone.from), to: Math.min(segment.to, zone.to) }
}

/** A stretch of rows: the first one and the one after the last. */
export interface Segment {
  readonly from: number
  readonly to: number
}

/** The stretches of ones, in order. */
export function segmentsOf(labels: Uint8Array): Segment[] {
  const segments: Segment[] = []
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 1) continue
    const from = i
    while (i < labels.length && labels[i] === 1) i++
    segments.push({ from, to: i })
  }
  return segments
}

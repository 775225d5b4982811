import type { ScoreHistory } from '@adf/contract'

/** Minutes that are drawn at least. */
const LEAST = 60

/** Without the time before anything was scored, so that a young entity fills its drawing. */
export function sinceScored(history: ScoreHistory): ScoreHistory {
  const { from, interval_s, severities } = history
  const first = severities.findIndex((one) => one !== null)
  const skipped = Math.max(0, Math.min(first < 0 ? severities.length : first, severities.length - LEAST))
  return {
    ...history,
    from: new Date(Date.parse(from) + skipped * interval_s * 1000).toISOString(),
    severities: severities.slice(skipped),
  }
}

export interface Point {
  /** Unix milliseconds. */
  readonly at: number
  /** The largest within the point's time; null: nothing was scored. */
  readonly severity: number | null
}

/** Draws a history in `most` points at most: each the largest severity of as many minutes as it takes. */
export function pointsOf({ from, interval_s, severities }: ScoreHistory, most: number): readonly Point[] {
  const start = Date.parse(from)
  const width = Math.max(1, Math.ceil(severities.length / most))
  const points: Point[] = []
  for (let index = 0; index < severities.length; index += width) {
    const scored = severities.slice(index, index + width).filter((one) => one !== null)
    points.push({
      at: start + index * interval_s * 1000,
      severity: scored.length === 0 ? null : Math.max(...scored),
    })
  }
  return points
}

/** How often a history reached a threshold: minutes that follow each other count once, and what was not scored ends none. */
export function timesReached({ severities }: Pick<ScoreHistory, 'severities'>, threshold: number): number {
  let times = 0
  let above = false
  for (const severity of severities) {
    if (severity === null) continue
    const reaches = severity >= threshold
    if (reaches && !above) times++
    above = reaches
  }
  return times
}

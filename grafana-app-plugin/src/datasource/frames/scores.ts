import type { ScoreHistory, ThresholdChange } from '@adf/contract'
import { type DataFrame, FieldType } from '@grafana/data'

/** Of one entity: what its threshold is at first, and how it changed since, newest first. */
export interface ThresholdCourse {
  readonly initial: number | null
  readonly changes: readonly Pick<ThresholdChange, 'at' | 'from' | 'to'>[]
}

/** The threshold that held at a time; null when that is not known. */
export function thresholdAt({ initial, changes }: ThresholdCourse, ms: number): number | null {
  const last = changes.find(({ at }) => Date.parse(at) <= ms)
  if (last !== undefined) return last.to ?? initial
  return changes.at(-1)?.from ?? initial
}

/** The largest severity of each minute of an entity, and the threshold that held then. */
export function scoreFrame(history: ScoreHistory, course: ThresholdCourse): DataFrame {
  const begin = Date.parse(history.from)
  const times = history.severities.map((_, index) => begin + 1000 * history.interval_s * index)
  const labels = { stream: history.stream, entity: history.entity_id }
  return {
    name: history.entity_id,
    length: times.length,
    meta: { preferredVisualisationType: 'graph' },
    fields: [
      { name: 'time', type: FieldType.time, config: { interval: 1000 * history.interval_s }, values: times },
      {
        name: 'severity',
        type: FieldType.number,
        labels,
        config: { displayNameFromDS: `severity of ${history.entity_id}`, min: 0 },
        values: [...history.severities],
      },
      {
        name: 'threshold',
        type: FieldType.number,
        labels,
        config: {
          displayNameFromDS: 'threshold',
          custom: { lineInterpolation: 'stepAfter', lineStyle: { fill: 'dash', dash: [8, 6] } },
        },
        values: times.map((ms) => thresholdAt(course, ms)),
      },
    ],
  }
}

import { fault } from '@adf/service'
import { z } from 'zod'
import { specFaults } from './document-rules.ts'
import { literal, Metadata, Spec, type TimeWindow } from './document-schema.ts'
import type { Indicator, Objective } from './objective.ts'
import { CALENDAR_UNITS, isUnit, type Period, THIRTY_DAYS } from './period.ts'

/** The subset of an OpenSLO v1 document that is taken. https://github.com/OpenSLO/OpenSLO */
export const SloDocument = z
  .strictObject({
    apiVersion: literal('openslo/v1', 'must be openslo/v1'),
    kind: z.literal('SLO', {
      error: ({ input }) =>
        `must be SLO${typeof input === 'string' ? `: documents of kind ${input.slice(0, 40)} are not taken, keep them in another file` : ''}`,
    }),
    metadata: Metadata,
    spec: Spec,
  })
  .superRefine(({ spec }, context) => {
    const at = (path: PropertyKey[], message: string) => fault(context, ['spec', ...path], message)
    specFaults(spec, at)
  })
export type SloDocument = z.output<typeof SloDocument>

/** The objective that a document defines. */
export function objectiveOf({ metadata, spec }: SloDocument): Objective {
  const { ratioMetric, thresholdMetric } = spec.indicator.spec
  const source = (ratioMetric?.good ?? thresholdMetric)?.metricSource.spec
  const [objective] = spec.objectives
  return {
    name: metadata.name,
    displayName: metadata.displayName ?? null,
    // The OpenSLO service that an objective belongs to cannot have the namespace of a service of OpenTelemetry.
    service: source?.service ?? ratioMetric?.total.metricSource.spec.service ?? spec.service,
    indicator: indicatorOf(source),
    target: objective?.target ?? (objective?.targetPercent ?? 0) / 100,
    period: periodOf(spec.timeWindow?.[0]),
    origin: 'document',
  }
}

const indicatorOf = (source: { kind: string; threshold?: number | undefined } | undefined): Indicator =>
  source?.threshold === undefined
    ? { kind: 'availability' }
    : { kind: 'latency', thresholdMs: source.threshold }

function periodOf(window: TimeWindow | undefined): Period {
  if (window === undefined) return THIRTY_DAYS
  const { duration: text, calendar } = window
  const [count, unit] = [Number(text.slice(0, -1)), text.slice(-1)]
  if (calendar !== undefined && isUnit(unit))
    return {
      kind: 'calendar',
      unit: CALENDAR_UNITS[unit],
      startTime: calendar.startTime,
      zone: calendar.timeZone,
    }
  return { kind: 'rolling', days: unit === 'w' ? 7 * count : count }
}

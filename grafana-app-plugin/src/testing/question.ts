import type { DataFrame } from '@grafana/data'
import { answer } from '../datasource/answer-question.ts'
import type { Question } from '../datasource/query.ts'
import { processorSend } from './msw.ts'

/** Midnight to midnight of the day of the golden examples. */
export const DAY = { from: Date.parse('2026-03-01T00:00:00Z'), to: Date.parse('2026-03-02T00:00:00Z') }

/** What the data source makes of a question to the processor of ./msw.ts. */
export const framesOf = (question: Question): Promise<DataFrame[]> =>
  answer(question, { send: processorSend, span: DAY, now: DAY.to })

/** Rows of a frame as objects. */
export const rowsOf = (frame: DataFrame | undefined): Record<string, unknown>[] =>
  Array.from({ length: frame?.length ?? 0 }, (_, row) =>
    Object.fromEntries((frame?.fields ?? []).map(({ name, values }) => [name, values[row]])),
  )

import type { SlotHistory } from '../graph/slot-history.ts'
import type { LogEvidence } from '../rootcause/evidence.ts'
import type { RequestsOf } from './evidence.ts'
import type { Examples } from './examples.ts'
import type { Template } from './template.ts'

export interface TemplateLines {
  readonly text: string
  readonly lines: number
  readonly example: string
}

/** What is known of logs, wherever their lines were mined. */
export interface LogKnowledge {
  /** What it can do without while memory is short. */
  readonly examples: Pick<Examples, 'dropped' | 'shed'>
  /** The older time slots, likewise. */
  readonly history: SlotHistory
  /** Grows whenever a number of a template has become another one. */
  readonly merges: number
  /** The number of what a template has become, after merges. */
  current(template: number): number
  /**
   * What the logs say between `fromMs` and `nowMs`, against the history before: the strongest few of each service. `requestsOf`
   * gives the requests that a service served by slot of `slot` ms, undefined when that is not known.
   */
  evidence(fromMs: number, nowMs: number, requestsOf: RequestsOf): LogEvidence[]
  /** Templates of a service as they stand, most lines first. */
  templates(service: string): TemplateLines[]
}

export const listTemplates = (templates: Iterable<Template>): TemplateLines[] =>
  [...templates]
    .map(({ text, hits, example }) => ({ text, lines: hits, example }))
    .sort((a, b) => b.lines - a.lines)

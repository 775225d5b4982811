import type { Evidence, Incident } from '@adf/contract'

/** What one log template or type of exception has to say. */
export interface LogEvidence {
  /** The cause that it speaks for. */
  readonly service: string
  readonly evidence: Evidence
}

/** Evidence of an incident that comes from logs, by cause, the strongest of each first. */
export const logsOf = ({ causes }: Pick<Incident, 'causes'>): readonly LogEvidence[] =>
  causes.flatMap(({ service, evidence }) =>
    evidence
      .filter(({ kind }) => kind === 'log' || kind === 'exception')
      .map((one) => ({ service, evidence: one })),
  )

import type { LogEvidence } from './evidence.ts'
import { type Finding, short } from './finding.ts'
import { ODD } from './scale.ts'

/** What logs say, as findings. Fewer records of a template are a symptom of fewer requests, and are left out. */
export function logFindings(logs: readonly LogEvidence[]): Finding[] {
  return logs
    .filter(({ z }) => z >= ODD)
    .map((log) => ({
      service: log.service,
      place: 'service' as const,
      kind: log.what === 'exception' ? ('exception' as const) : ('log' as const),
      subject: log.subject,
      value: log.value,
      expected: log.expected > 0 ? log.expected : null,
      unit: '',
      strength: log.z,
      effect: undefined,
      sinceMs: log.sinceMs,
      text: `${NAMES[log.what]} "${log.subject}" is ${times(log)}; for example: ${log.example}`,
    }))
}

const NAMES = { template: 'log template', transition: 'order of log lines', exception: 'exception' } as const

function times({ value, expected }: LogEvidence): string {
  return expected > 0
    ? `seen ${short(value)} times a request, normally ${short(expected)}`
    : `new, ${short(value)} times a request`
}

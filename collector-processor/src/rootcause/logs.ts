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
      text: `${NAMES[log.what]} "${log.subject}" is ${howOften(log)}; for example: ${log.example}`,
      example: log.example,
    }))
}

const NAMES = { template: 'log template', transition: 'order of log lines', exception: 'exception' } as const

function howOften({ what, value, expected }: LogEvidence): string {
  const told = (often: number) => (what === 'transition' ? `${short(100 * often)} %` : short(often))
  const unit = what === 'transition' ? 'of the cases' : 'times a request'
  const seen = `${told(value)} ${unit}`
  return expected > 0 ? `seen ${seen}, normally ${told(expected)}` : `new, ${seen}`
}

import { GRPC_CODES } from '../telemetry/grpc-codes.ts'
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
      text: `${nameOf(log)} is ${howOften(log)}; for example: ${log.example}`,
      example: log.example,
    }))
}

const NAMES = { template: 'log template', transition: 'order of log lines', exception: 'exception' } as const

/** The SDK of JavaScript records the code of a failed gRPC call as `exception.type`. */
function nameOf({ what, subject }: LogEvidence): string {
  const code = what === 'exception' && /^\d+$/.test(subject) ? GRPC_CODES[Number(subject)] : undefined
  return `${NAMES[what]} "${subject}"${code === undefined ? '' : ` (the code of gRPC's ${code})`}`
}

function howOften({ what, value, expected }: LogEvidence): string {
  const told = (often: number) => (what === 'transition' ? `${short(100 * often)} %` : short(often))
  const unit = what === 'transition' ? 'of the cases' : 'times a request'
  const seen = `${told(value)} ${unit}`
  return expected > 0 ? `seen ${seen}, normally ${told(expected)}` : `new, ${seen}`
}

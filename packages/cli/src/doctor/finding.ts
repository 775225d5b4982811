export type FindingStatus = 'ok' | 'warning' | 'fault'

/** One line of the doctor: what was looked at, how it is, and what to do about it when it is not well. */
export interface Finding {
  readonly check: string
  readonly status: FindingStatus
  readonly text: string
  readonly advice?: string
}

export const ok = (check: string, text: string): Finding => ({ check, status: 'ok', text })
export const warning = (check: string, text: string, advice: string): Finding => ({
  check,
  status: 'warning',
  text,
  advice,
})
export const fault = (check: string, text: string, advice: string): Finding => ({
  check,
  status: 'fault',
  text,
  advice,
})

/** How long ago, as people say it. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

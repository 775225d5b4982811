import type { FeedbackLinks } from '@adf/service'
import type { OutgoingAlert } from '../../store/store.ts'

export interface VerdictLinkOptions {
  /** Where people reach the webhook. */
  readonly url: string
  readonly links: FeedbackLinks
  readonly expiresAfterMs: number
}

/**
 * Annotations by which an alert is judged with one click. They depend on the incident and its start alone, so that resends, and a
 * restart, carry the same links, and none is good again that was used.
 */
export function verdictLinks(
  { incidentId, startsMs }: Pick<OutgoingAlert, 'incidentId' | 'startsMs'>,
  { url, links, expiresAfterMs }: VerdictLinkOptions,
): { useful_url: string; noise_url: string } {
  const base = `${url.replace(/\/+$/, '')}/feedback/`
  const link = (verdict: 'true_positive' | 'false_positive') =>
    base +
    links.token({
      target: { kind: 'incident', id: incidentId },
      verdict,
      expiresMs: startsMs + expiresAfterMs,
    })
  return { useful_url: link('true_positive'), noise_url: link('false_positive') }
}

import type { Alert, FeedbackChannel } from '@adf/contract/feedback'
import type { FeedbackLink, FeedbackLinks } from '@adf/service'
import type { FeedbackStore, LinkStore } from '../store/feedback-store.ts'
import type { AlertStore } from '../store/store.ts'
import type { Outcome, VerdictIntake } from './intake.ts'
import type { Subject } from './link-page.ts'

export interface OneClickOptions {
  readonly links: FeedbackLinks
  readonly store: {
    readonly alerts: Pick<AlertStore, 'get' | 'ofIncident'>
    readonly links: LinkStore
    readonly feedback: Pick<FeedbackStore, 'standing'>
  }
  readonly intake: Pick<VerdictIntake, 'give'>
  readonly clock: () => number
}

/** A link that was signed here. */
export interface Opened {
  readonly link: FeedbackLink
  readonly subject: Subject
  readonly alert: Alert | undefined
  readonly expired: boolean
  /** When it was used; undefined: it was not. */
  readonly usedMs: number | undefined
}

/** What is behind the links that alerts carry, on the page and in Slack alike. */
export class OneClick {
  readonly #options: OneClickOptions

  constructor(options: OneClickOptions) {
    this.#options = options
  }

  /** undefined: forged, or signed with a key that is no longer in use. Changes nothing. */
  async open(token: string): Promise<Opened | undefined> {
    const { links, store, clock } = this.#options
    const link = links.read(token)
    if (link === undefined) return undefined
    const { kind, id } = link.target
    const alert = kind === 'alert' ? await store.alerts.get(id) : await store.alerts.ofIncident(id)
    return {
      link,
      alert,
      subject: subjectOf(link, alert),
      expired: link.expiresMs <= clock(),
      usedMs: await store.links.usedMs(link.nonce),
    }
  }

  /** Gives the verdict and uses the link up, both or neither. @throws as VerdictIntake.give */
  use(
    { link }: Opened,
    said: { channel: FeedbackChannel; note?: string | undefined; author?: string | undefined },
  ): Promise<Outcome> {
    const { target, verdict, nonce, expiresMs } = link
    const { channel, note, author } = said
    return this.#options.intake.give(
      {
        ...(target.kind === 'alert' ? { alert_id: target.id } : { incident_id: target.id }),
        verdict,
        ...(note !== undefined && note !== '' && { note }),
        ...(author !== undefined && { author }),
      },
      { channel, link: { nonce, expiresMs } },
    )
  }

  /** The latest word that stands on what the link is about. */
  async standing({ link: { target }, alert }: Opened) {
    const [latest] = await this.#options.store.feedback.standing(
      target.kind === 'alert'
        ? { alertId: target.id, incidentId: alert?.ours ? (alert.incident_id ?? undefined) : undefined }
        : { incidentId: target.id },
    )
    return latest?.verdict ?? null
  }
}

function subjectOf({ target, verdict }: FeedbackLink, alert: Alert | undefined): Subject {
  const { alertname, service } = alert?.labels ?? {}
  const known = [alertname, service].filter((part) => part !== undefined).join(' ')
  return {
    name: known === '' ? `${target.kind} ${target.id}` : known,
    summary: alert?.annotations['summary'] ?? null,
    startedAt: alert?.started_at ?? null,
    verdict,
  }
}

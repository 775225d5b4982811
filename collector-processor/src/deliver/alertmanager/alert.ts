import type { Incident } from '@adf/contract'
import type { OutgoingAlert } from '../../store/store.ts'
import { annotationText } from './annotation-text.ts'
import { type VerdictLinkOptions, verdictLinks } from './verdict-links.ts'

/** As `POST /api/v2/alerts` of Alertmanager wants it. */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
}

const CAUSES = 3
const EVIDENCE = 3

/**
 * Labels of the alert of an incident that opens. They are its identity at Alertmanager and never change, so that nothing
 * that may (score, text, ranking) is among them: `service` is the cause ranked first when it opened. Severity is
 * `critical` when a service suffers, else `warning`; `extra` may set another.
 */
export function labelsOf(
  incident: Incident,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const service = incident.causes[0]?.service ?? incident.services[0]
  return {
    severity: incident.services.length > 0 ? 'critical' : 'warning',
    ...extra,
    alertname: 'ADFIncident',
    incident: incident.id,
    ...(service === undefined ? {} : { service }),
  }
}

/**
 * The alert as it is sent now. While it fires, `endsAt` is `expiresMs`, a few resends ahead: if ADF dies for good, the
 * alert ends by itself.
 */
export function toPostable(
  alert: OutgoingAlert,
  incident: Incident,
  {
    externalUrl,
    expiresMs,
    feedback,
  }: { externalUrl: string; expiresMs: number; feedback?: VerdictLinkOptions | undefined },
): PostableAlert {
  const link = `${externalUrl.replace(/\/+$/, '')}/incidents/${incident.id}`
  return {
    labels: alert.labels,
    annotations: {
      summary: annotationText(incident.title),
      description: describe(incident),
      incident_url: link,
      ...(feedback && verdictLinks(alert, feedback)),
    },
    startsAt: new Date(alert.startsMs).toISOString(),
    endsAt: new Date(alert.endsMs ?? expiresMs).toISOString(),
    generatorURL: link,
  }
}

/** The same for an alert that is of no incident: who raised it says what it tells now. */
export function toPostableOther(
  alert: OutgoingAlert,
  annotations: Readonly<Record<string, string>>,
  { link, expiresMs }: { link: string; expiresMs: number },
): PostableAlert {
  return {
    labels: alert.labels,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, text]) => [
        name,
        text.split('\n').map(annotationText).join('\n'),
      ]),
    ),
    startsAt: new Date(alert.startsMs).toISOString(),
    endsAt: new Date(alert.endsMs ?? expiresMs).toISOString(),
    generatorURL: link,
  }
}

function describe(incident: Incident): string {
  const lines = incident.causes
    .slice(0, CAUSES)
    .flatMap(({ service, probability, evidence }, index) => [
      `${index + 1}. ${service} (${Math.round(probability * 100)} %)`,
      ...evidence.slice(0, EVIDENCE).map(({ text }) => `   ${text}`),
    ])
  if (incident.services.length > 0) lines.push(`suffers: ${list(incident.services)}`)
  const callers = incident.blast_radius.filter((service) => !incident.services.includes(service))
  if (callers.length > 0) lines.push(`may suffer next: ${list(callers)}`)
  lines.push(`since ${incident.started_at}`)
  if (incident.merged_into !== null) lines.push(`goes on as incident ${incident.merged_into}`)
  return lines.map(annotationText).join('\n')
}

function list(services: readonly string[]): string {
  const shown = services.slice(0, 10).join(', ')
  return services.length > 10 ? `${shown} and ${services.length - 10} more` : shown
}

import type { Anomaly, Incident, TimelineEntry, Verdict } from '@adf/contract'
import { nodeOf } from '../entity-node.ts'

/** First anomalies that are told one by one. */
const FIRSTS = 30

const SAID = { true_positive: 'useful', false_positive: 'noise' } as const

/** The course of an incident, oldest first: its own times, what was noted meanwhile, first anomalies, changes, verdicts. */
export function timelineOf(
  incident: Incident,
  history: readonly TimelineEntry[],
  anomalies: readonly Anomaly[],
  verdicts: readonly Verdict[],
): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    ...changes(incident),
    ...firstAnomalies(anomalies),
    { at: incident.opened_at, kind: 'opened', subject: null, text: 'incident opened' },
    ...history,
    ...verdicts.map((verdict) => verdictEntry(verdict)),
  ]
  if (incident.resolved_at !== null) {
    const { resolved_at: at, merged_into: subject } = incident
    entries.push(
      subject === null
        ? { at, kind: 'resolved', subject, text: 'incident resolved' }
        : { at, kind: 'merged', subject, text: `goes on as incident ${subject}` },
    )
  }
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

function changes({ causes }: Incident): TimelineEntry[] {
  return causes.flatMap(({ service, evidence }) =>
    evidence.flatMap(({ kind, since, text }): TimelineEntry[] =>
      kind === 'change' && since !== null
        ? [{ at: since, kind: 'change', subject: service, text: `${service}: ${text}` }]
        : [],
    ),
  )
}

function firstAnomalies(anomalies: readonly Anomaly[]): TimelineEntry[] {
  const firsts = new Map<string, Anomaly>()
  for (const anomaly of anomalies) {
    const who = nodeOf(anomaly.entity) ?? anomaly.entity.id
    const known = firsts.get(who)
    if (known === undefined || Date.parse(anomaly.time) < Date.parse(known.time)) firsts.set(who, anomaly)
  }
  return [...firsts]
    .sort(([, a], [, b]) => Date.parse(a.time) - Date.parse(b.time))
    .slice(0, FIRSTS)
    .map(([who, { time, contributions }]) => ({
      at: time,
      kind: 'anomaly',
      subject: who,
      text: `${who}: ${contributions[0]?.text ?? 'unusual'}`,
    }))
}

function verdictEntry({ time, verdict, cause, author, note }: Verdict): TimelineEntry {
  const parts = [
    `${author ?? 'somebody'} says: ${SAID[verdict]}`,
    ...(cause === null ? [] : [`the cause was ${cause}`]),
    ...(note === null ? [] : [note]),
  ]
  return { at: time, kind: 'verdict', subject: author, text: parts.join('; ') }
}

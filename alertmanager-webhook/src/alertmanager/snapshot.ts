import { originOf } from '../alerts/origin.ts'
import type { ListedAlert, Silence } from '../store/store.ts'
import type { GettableAlert, GettableSilence } from './client.ts'

/** Silences that were over longer ago say nothing of alerts that fire. */
const OVER_MS = 24 * 3_600_000
const LONGEST_TEXT = 4096

export interface Listing {
  readonly alerts: readonly GettableAlert[]
  readonly silences: readonly GettableSilence[]
}

/**
 * What several Alertmanagers of a cluster list, as one: an alert is silenced when one of them says so, and of a silence the latest version
 * holds. At most `most` alerts that are kept back are taken, those that began first, and `most` silences.
 */
export function merged(
  listings: readonly Listing[],
  nowMs: number,
  most: number,
  newId: () => string,
): { alerts: ListedAlert[]; silences: Silence[]; cut: boolean } {
  const alerts = new Map<string, ListedAlert>()
  for (const listed of listings.flatMap((listing) => listing.alerts)) {
    const startedMs = Date.parse(listed.startsAt)
    const key = `${listed.fingerprint} ${startedMs}`
    const { silencedBy, inhibitedBy } = listed.status
    const before = alerts.get(key)
    if (before !== undefined) {
      alerts.set(key, {
        ...before,
        silencedBy: union(before.silencedBy, silencedBy),
        inhibitedBy: union(before.inhibitedBy, inhibitedBy),
      })
      continue
    }
    alerts.set(key, {
      id: newId(),
      fingerprint: listed.fingerprint,
      labels: listed.labels,
      annotations: listed.annotations,
      generatorUrl: listed.generatorURL,
      ...originOf(listed.labels),
      startedMs,
      endedMs: undefined,
      silencedBy,
      inhibitedBy,
    })
  }
  const silences = new Map<string, Silence>()
  for (const silence of listings.flatMap((listing) => listing.silences).map(toSilence)) {
    const before = silences.get(silence.id)
    if (silence.endsMs < nowMs - OVER_MS) continue
    if (before === undefined || before.updatedMs < silence.updatedMs) silences.set(silence.id, silence)
  }
  const all = [...alerts.values()].toSorted((a, b) => a.startedMs - b.startedMs)
  const kept = new Set(
    all.filter(({ silencedBy, inhibitedBy }) => silencedBy.length + inhibitedBy.length > 0).slice(0, most),
  )
  const free = all.filter(({ silencedBy, inhibitedBy }) => silencedBy.length + inhibitedBy.length === 0)
  return {
    alerts: [...kept, ...free],
    silences: [...silences.values()].slice(0, most),
    cut: kept.size + free.length < all.length || silences.size > most,
  }
}

const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])]

function toSilence(silence: GettableSilence): Silence {
  return {
    id: silence.id,
    createdBy: silence.createdBy.slice(0, LONGEST_TEXT),
    comment: silence.comment.slice(0, LONGEST_TEXT),
    startsMs: Date.parse(silence.startsAt),
    endsMs: Date.parse(silence.endsAt),
    updatedMs: Date.parse(silence.updatedAt),
    matchers: JSON.stringify(silence.matchers),
  }
}

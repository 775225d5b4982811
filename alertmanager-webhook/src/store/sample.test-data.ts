import type { MissedIncident, Question, TunerStep } from '@adf/contract/feedback'
import type { NewWord } from './feedback-store.ts'
import type { AuditLine, NotifiedAlert } from './store.ts'

export const MINUTE = 60_000
/** A time of day that no test of a clock falls on. */
export const START = Date.parse('2026-03-01T03:00:00Z')

const idOf = (kind: string, n: number) => `0195${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`
export const alertId = (n: number): string => idOf('aaaa', n)
export const wordId = (n: number): string => idOf('bbbb', n)

/** Fires from minute n on. */
export function sampleAlert(n: number, more: Partial<NotifiedAlert> = {}): NotifiedAlert {
  const labels = { alertname: 'HighCpu', instance: `host-${n}`, severity: 'warning' }
  return {
    id: alertId(n),
    fingerprint: n.toString(16).padStart(16, '0'),
    labels,
    annotations: { summary: `CPU of host-${n}` },
    generatorUrl: 'http://prometheus/graph',
    ours: false,
    incidentId: undefined,
    alertname: 'HighCpu',
    service: undefined,
    entity: `host-${n}`,
    startedMs: START + n * MINUTE,
    endedMs: undefined,
    ...more,
  }
}

/** Of an incident of ADF. */
export const ourAlert = (n: number, more: Partial<NotifiedAlert> = {}): NotifiedAlert =>
  sampleAlert(n, {
    labels: { alertname: 'ADFIncident', incident: `incident-${n}`, service: 'payment' },
    ours: true,
    incidentId: `incident-${n}`,
    alertname: 'ADFIncident',
    service: 'payment',
    entity: undefined,
    ...more,
  })

export const notification = (...alerts: readonly NotifiedAlert[]) => ({
  receiver: 'adf',
  groupKey: '{}:{alertname="HighCpu"}',
  alerts,
})

export const sampleWord = (n: number, more: Partial<NewWord> = {}): NewWord => ({
  id: wordId(n),
  verdict: 'true_positive',
  cause: undefined,
  note: undefined,
  author: 'ann',
  channel: 'api',
  weight: 1,
  givenMs: START + n * MINUTE,
  deliver: false,
  ...more,
})

export const line = (action: string, n = 0): AuditLine => ({
  atMs: START + n,
  actor: 'author:ann',
  action,
  subject: 's',
  detail: { n },
})

const at = (ms: number) => new Date(ms).toISOString()

export const sampleMissed = (n: number, more: Partial<MissedIncident> = {}): MissedIncident => ({
  id: idOf('cccc', n),
  service: 'payment',
  started_at: at(START + n * MINUTE),
  ended_at: at(START + (n + 5) * MINUTE),
  note: null,
  author: 'ann',
  reported_at: at(START + (n + 60) * MINUTE),
  entities: [{ stream: 'service', entity_id: 'shop/payment/1', severity: 0.4 }],
  ...more,
})

export const sampleQuestion = (n: number, more: Partial<Question> = {}): Question => ({
  id: idOf('dddd', n),
  stream: 'service',
  entity_id: 'shop/payment/1',
  from: at(START + n * MINUTE),
  to: at(START + (n + 3) * MINUTE),
  severity: 0.42,
  probability: 0.25,
  text: 'Was anything wrong with shop/payment/1?',
  asked_at: at(START + (n + 10) * MINUTE),
  ...more,
})

const counts = { alerts: 4, useful: 1, noise: 3, missed: 0 }

export const sampleStep = (n: number, more: Partial<TunerStep> = {}): TunerStep => ({
  id: idOf('eeee', n),
  at: at(START + n * MINUTE),
  stream: 'service',
  entity_id: 'shop/payment/1',
  policy: 'q_learning',
  state: 'most are noise',
  action: 'raise',
  explored: false,
  from: 0.8,
  to: 0.86,
  outcome: 'pending',
  expected: { before: counts, after: { ...counts, alerts: 2, noise: 1 } },
  seen: null,
  text: 'Raised one step to 0.86.',
  version: null,
  ...more,
})

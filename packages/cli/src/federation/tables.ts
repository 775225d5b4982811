import type { AuditEntry, Client, FederationStatus, Round, Update } from '@adf/contract/federation'
import { columns } from '../output/columns.ts'

/** What the commands show people of a federation server. */
export function statusText({ runs, clients, quarantined, version, at }: FederationStatus): string {
  const rows = runs.map(
    ({ run, state, version: of, rounds, bytes, privacy, aggregator, secure_aggregation }) => [
      run,
      state,
      String(of),
      `${rounds.committed} of ${rounds.planned}`,
      String(rounds.abandoned),
      size(bytes.up),
      size(bytes.down),
      privacy === null ? '' : `${privacy.epsilon.toFixed(2)} at δ ${privacy.delta}`,
      secure_aggregation ? `${aggregator}, secure` : aggregator,
    ],
  )
  const head = ['RUN', 'STATE', 'VERSION', 'ROUNDS', 'ABANDONED', 'UP', 'DOWN', 'EPSILON', 'AGGREGATION']
  return [
    `federation server ${version} at ${at}`,
    `${clients.enrolled} clients enrolled, ${clients.seen} seen lately, ${clients.revoked} revoked; ${quarantined} updates in quarantine`,
    '',
    columns(head, rows, ['VERSION', 'ABANDONED', 'UP', 'DOWN']),
  ].join('\n')
}

export function clientsText(clients: readonly Client[]): string {
  const rows = clients.map(({ id, name, state, trusted, last_seen_at, reputation, updates, bytes }) => [
    name,
    id,
    trusted ? `${state}, trusted` : state,
    last_seen_at ?? 'never',
    reputation.toFixed(2),
    String(updates.aggregated),
    String(updates.quarantined),
    String(updates.rejected),
    size(bytes.up),
    size(bytes.down),
  ])
  const numbers = ['REPUTATION', 'AGGREGATED', 'QUARANTINED', 'REJECTED', 'UP', 'DOWN']
  return columns(['NAME', 'ID', 'STATE', 'SEEN', ...numbers], rows, numbers)
}

export function roundsText(rounds: readonly Round[]): string {
  const rows = rounds.map((round) => [
    String(round.round),
    round.state,
    round.opened_at,
    round.closed_at === null ? '' : seconds(Date.parse(round.closed_at) - Date.parse(round.opened_at)),
    String(round.selected),
    String(round.received),
    String(round.late),
    String(round.used),
    round.loss === null ? '' : round.loss.toPrecision(3),
    size(round.bytes.up),
    size(round.bytes.down),
    round.reason ??
      Object.entries(round.left_out)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(', '),
  ])
  const numbers = ['ASKED', 'RECEIVED', 'LATE', 'USED', 'LOSS', 'UP', 'DOWN']
  const head = ['ROUND', 'STATE', 'OPENED', 'TOOK', ...numbers, 'LEFT OUT']
  return columns(head, rows, ['ROUND', 'TOOK', ...numbers])
}

export function quarantineText(updates: readonly Update[]): string {
  if (updates.length === 0) return 'nothing is in quarantine'
  const rows = updates.map(({ id, run, round, client, received_at, reason }) => [
    id,
    `${run}/${round}`,
    client,
    received_at,
    reason ?? '',
  ])
  return columns(['UPDATE', 'ROUND', 'CLIENT', 'RECEIVED', 'WHY'], rows)
}

export function auditText(entries: readonly AuditEntry[]): string {
  const rows = entries.map(({ sequence, at, actor, action, subject, detail }) => [
    String(sequence),
    at,
    action,
    subject,
    actor,
    Object.entries(detail)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(' '),
  ])
  return columns(['LINE', 'AT', 'ACTION', 'SUBJECT', 'BY', 'DETAIL'], rows, ['LINE'])
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
/** Powers of ten, as bytes on a line are counted. */
const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

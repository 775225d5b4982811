import type { Evidence, IncidentExport, RootCause } from '@adf/contract'
import { flowchartOf } from './flowchart.ts'
import { markdown } from './safe-text.ts'

const CAUSES = 5
const TRACES = 10
const SERVICES = 40

/** A post-mortem in Markdown: what ADF knows, and the sections that only people can write. Times are UTC. */
export function postmortemOf(about: IncidentExport): string {
  const { incident } = about
  return [
    `# ${markdown(incident.title, 300)}`,
    facts(about),
    '## Summary',
    summary(about),
    '## Impact',
    impact(about),
    '## Timeline',
    timeline(about),
    '## Causes',
    ...causes(about),
    ...graph(about),
    ...traces(about),
    '## Lessons',
    '_What went well, what did not, where we were lucky._',
    '## Actions',
    '| Action | Owner | Due |\n|---|---|---|\n| | | |',
  ]
    .join('\n\n')
    .concat('\n')
}

function facts({ incident, exported_at, verdicts }: IncidentExport): string {
  const said = verdicts.at(-1)
  const verdict = said === undefined ? 'none yet' : said.verdict === 'true_positive' ? 'useful' : 'noise'
  return `Incident \`${incident.id.replaceAll('`', '')}\` · ${incident.state} · verdict: ${verdict} · exported ${time(exported_at)}`
}

function summary({ incident, verdicts }: IncidentExport): string {
  const {
    causes: [first],
    none,
    services,
    anomaly_count,
  } = incident
  const lines = [
    `${plural(anomaly_count, 'anomaly', 'anomalies')} of ${plural(services.length, 'service', 'services')} from ${time(incident.started_at)}.`,
  ]
  if (first === undefined) lines.push('No cause was found.')
  else {
    lines.push(
      `Ranked first: **${markdown(first.service)}**, ${percent(first.probability)}, probably ${first.kind}.`,
    )
    if (none !== null && none > 0.5)
      lines.push(`It is more likely none of the causes named here (${percent(none)}).`)
  }
  const confirmed = verdicts.findLast(({ cause }) => cause !== null)?.cause
  if (confirmed != null) lines.push(`The operator names **${markdown(confirmed)}** as the cause.`)
  return lines.join(' ')
}

function impact({ incident, exported_at }: IncidentExport): string {
  const { started_at, resolved_at, services, suffering, blast_radius } = incident
  const endMs = Date.parse(resolved_at ?? exported_at)
  const lasted = duration(Math.max(0, endMs - Date.parse(started_at)))
  const may = blast_radius.filter((service) => !services.includes(service))
  return [
    `- Duration: ${lasted}${resolved_at === null ? ' so far' : ''}`,
    `- Anomalous: ${list(services)}`,
    `- Suffering from the first cause: ${list(suffering)}`,
    `- Could be affected, since they call one of these: ${list(may)}`,
  ].join('\n')
}

function timeline({ timeline: entries }: IncidentExport): string {
  const rows = entries.map(({ at, kind, text }) => `| ${time(at)} | ${kind} | ${markdown(text)} |`)
  return ['| Time (UTC) | What | |', '|---|---|---|', ...rows].join('\n')
}

function causes({ incident: { causes: ranked, none } }: IncidentExport): string[] {
  if (ranked.length === 0) return ['None was found.']
  const rows = ranked
    .slice(0, CAUSES)
    .map(
      ({ service, probability, kind }, i) =>
        `| ${i + 1} | ${markdown(service)} | ${percent(probability)} | ${kind} |`,
    )
  const others = none === null ? [] : [`| | none of these | ${percent(none)} | |`]
  return [
    ['| | Service | Probability | Kind |', '|---|---|---|---|', ...rows, ...others].join('\n'),
    ...ranked.slice(0, CAUSES).flatMap(cause),
  ]
}

function cause({ service, evidence, confirm }: RootCause): string[] {
  if (evidence.length === 0) return []
  return [
    `### Evidence against ${markdown(service)}`,
    [
      '| Evidence | Kind | Since | Normally | Probability |',
      '|---|---|---|---|---|',
      ...evidence.map(evidenceRow),
    ].join('\n'),
    ...(confirm.length === 0
      ? []
      : [['What would confirm it:', '', ...confirm.map((one) => `- ${markdown(one)}`)].join('\n')]),
  ]
}

function evidenceRow({ text, kind, since, expected, unit, probability }: Evidence): string {
  const usual = expected === null ? '' : markdown(`${Number(expected.toPrecision(3))} ${unit}`)
  return `| ${markdown(text)} | ${kind.replaceAll('_', ' ')} | ${since === null ? '' : time(since)} | ${usual} | ${percent(probability)} |`
}

function graph(about: IncidentExport): string[] {
  const chart = flowchartOf(about)
  if (chart === undefined) return []
  return [
    '## Graph',
    'Red: the cause. Orange: anomalous or suffering. Thick: the way of the trouble, from right to left.',
    `\`\`\`mermaid\n${chart}\n\`\`\``,
  ]
}

function traces({ incident: { trace_ids } }: IncidentExport): string[] {
  if (trace_ids.length === 0) return []
  return [
    '## Traces',
    trace_ids
      .slice(0, TRACES)
      .map((id) => `- ${markdown(id)}`)
      .join('\n'),
  ]
}

function list(services: readonly string[]): string {
  if (services.length === 0) return 'none'
  const shown = services
    .slice(0, SERVICES)
    .map((service) => markdown(service))
    .join(', ')
  return services.length > SERVICES ? `${shown} and ${services.length - SERVICES} more` : shown
}

const time = (at: string) =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '')
const percent = (share: number) => `${Math.round(share * 100)} %`
const plural = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes > 0 ? [`${minutes} min`] : []),
    `${seconds % 60} s`,
  ].join(' ')
}

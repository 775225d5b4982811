import type { ChaosReport } from './chaos.ts'

/** What happened to each part, and what came of it, as two tables. */
export function formatReport(report: ChaosReport): string {
  const names = [...new Set(report.kills.map(({ part }) => part))].sort()
  const parts = names.map((name) => {
    const kills = report.kills.filter(({ part }) => part === name)
    const by = (signal: string) => kills.filter((one) => one.signal === signal).length
    const longest = Math.max(...kills.map(({ awayMs }) => awayMs)) / 1000
    return `| ${name} | ${by('SIGKILL')} | ${by('SIGTERM')} | ${longest.toFixed(1)} |`
  })
  const figures: readonly (readonly [string, number])[] = [
    ['events that Kafka acknowledged', report.events_acknowledged],
    ['of these outliers', report.outliers],
    ['anomalies stored', report.anomalies],
    ['anomalies lost', report.anomalies_lost.length],
    ['anomalies there twice', report.anomalies_twice.length],
    ['anomalies of no outlier', report.anomalies_of_no_outlier],
    ['verdicts that the webhook acknowledged', report.verdicts_acknowledged],
    ['verdicts lost', report.verdicts_lost.length],
    ['verdicts there twice', report.verdicts_twice.length],
    ['messages not committed at the end', report.lag],
    ['parts that ended by themselves', report.ended_by_themselves.length],
  ]
  return [
    `Seed ${report.seed}, ${report.minutes} minutes, ${report.kills.length} ends`,
    '',
    '| Part | SIGKILL | SIGTERM | Longest away, s |',
    '|---|---|---|---|',
    ...parts,
    '',
    '| | |',
    '|---|---|',
    ...figures.map(([what, value]) => `| ${what} | ${value} |`),
    '',
  ].join('\n')
}

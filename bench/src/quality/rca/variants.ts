import { EvidenceKind, type Ranking } from '@adf/contract'
import { type Clues, rankRootCauses } from '@adf/processor'

export interface Question {
  readonly atMs: number
  readonly rng: () => number
  readonly top: number
}

/** Kinds of evidence by the telemetry that they come from. */
const METRICS: readonly EvidenceKind[] = ['metric', 'saturation', 'request_rate']
const LOGS: readonly EvidenceKind[] = ['log', 'exception']
const TRACES = EvidenceKind.options.filter((kind) => ![...METRICS, ...LOGS, 'change'].includes(kind))

const VARIANTS: readonly (readonly [subject: string, without: readonly EvidenceKind[]])[] = [
  ['adf-traces-only', [...METRICS, ...LOGS]],
  ['adf-metrics-only', [...TRACES, ...LOGS]],
  ['adf-logs-only', [...TRACES, ...METRICS]],
  ['adf-without-metrics', METRICS],
  ['adf-without-logs', LOGS],
  ...TRACES.map((kind) => [`adf-without-${kind}`, [kind]] as const),
]

/** The ranking, and the services that it names first with and without each kind of evidence, beside those of its comparators. */
export function rankVariants(
  clues: Clues,
  { atMs, rng, top }: Question,
): { ranking: Ranking; named: Map<string, readonly string[]> } {
  const ranking = rankRootCauses({ ...clues, at: atMs, rng, top })
  const servicesOf = ({ causes }: Ranking) => causes.map(({ service }) => service)
  // orders the comparator `random` alone, which is not looked at
  const still = () => 0.5
  return {
    ranking,
    named: new Map([
      ['adf', servicesOf(ranking)],
      ...Object.entries(ranking.comparators),
      ...VARIANTS.map(([subject, without]): [string, readonly string[]] => [
        subject,
        servicesOf(rankRootCauses({ ...clues, at: atMs, rng: still, top, without: new Set(without) })),
      ]),
    ]),
  }
}

import { type Finding, ok, warning } from './finding.ts'

const LOSS =
  /^adf_(?=.*(dropped|lost|late|ignored|refused|rejected|limited|evicted|overflowed|failures|failed|clock_skew|left|skipped|relearned|restarts)).*_total$/
const WAITING = /^adf_(store_waiting_writes|forward_queue_bytes|alertmanager_pending_alerts)$/
/** Counters whose outcomes tell what was taken and what was not. */
const OUTCOMES = /^adf_receiver_.*_total$/
const TAKEN = new Set(['accepted', 'partial'])
/** Part of normal operation. */
const USUAL = new Set(['warming_up', 'loading'])

/** What to do, by the name of the metric; the first that fits. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/memory/, 'raise memory.limit, or find who makes so many names: docs/operations.md#memory'],
  [/clock_skew/, 'synchronise the clocks of the senders; receiver.max_clock_skew is what is borne'],
  [/late/, 'let the senders export more often, look at their clocks, or raise edge.max_lateness'],
  [/forward/, 'the endpoint is slow, away or refuses: see its log and deliver.forward'],
  [/alertmanager/, 'Alertmanager is slow, away or refuses: see its log and deliver.alertmanager'],
  [
    /interned|resources_limited/,
    'find who makes so many names, or raise receiver.max_strings, max_resources or max_services',
  ],
  [/entities|too_many/, 'find who makes so many names, or raise edge.max_entities'],
  [
    /graph/,
    'raise the limit under graph (max_nodes, max_edges, max_operations, max_pending_spans, pairing_window)',
  ],
  [/store|state/, 'see the room on the disk and the log of ADF'],
  [/receiver/, 'see what the senders log: they are told why'],
]

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What was dropped, refused or waits, of the text of /metrics; the help of each metric says what it means. */
export function checkLosses(metrics: string): Finding[] {
  const help = new Map<string, string>()
  const samples: Sample[] = []
  for (const line of metrics.split('\n')) {
    const meaning = /^# HELP (\S+) (.+)$/.exec(line)
    if (meaning?.[1] !== undefined && meaning[2] !== undefined) help.set(meaning[1], meaning[2])
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
    if (sample?.[1] !== undefined)
      samples.push({ name: sample[1], labels: labelsOf(sample[2] ?? ''), value: Number(sample[3]) })
  }
  const found = samples.filter(
    ({ name, labels, value }) =>
      value > 0 &&
      (LOSS.test(name) || WAITING.test(name) || refused(name, labels)) &&
      !USUAL.has(labels['reason'] ?? ''),
  )
  if (found.length === 0) return [ok('losses', 'nothing was dropped or refused, and nothing waits')]
  return found.map(({ name, labels, value }) => {
    const of = Object.entries(labels).map(([label, text]) => `${label} ${text}`)
    const where = of.length > 0 ? ` (${of.join(', ')})` : ''
    return warning('losses', `${value}${where}: ${help.get(name) ?? name}`, adviceOf(name))
  })
}

function refused(name: string, { outcome }: Sample['labels']): boolean {
  return OUTCOMES.test(name) && outcome !== undefined && !TAKEN.has(outcome)
}

const adviceOf = (name: string) =>
  ADVICE.find(([pattern]) => pattern.test(name))?.[1] ?? `docs/doctor.md says more of ${name}`

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
    if (name !== undefined && value !== undefined) labels[name] = value.replace(/\\(["\\])/g, '$1')
  return labels
}

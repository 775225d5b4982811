import type { Reasoning } from '@adf/processor'

/** The steps from what is odd to the probabilities, for a person to follow. */
export function reasoningText({ findings, unfelt, direct, walked, none }: Reasoning): string {
  const services = [...direct].sort(([, a], [, b]) => b - a).map(([service]) => service)
  const total = sum(direct.values())
  const step = (number: number, title: string, lines: readonly string[]) => [
    `${number}. ${title}`,
    ...(lines.length > 0 ? lines.map((line) => `   ${line}`) : ['   nothing']),
    '',
  ]
  const told = ({ service, strength, effect, text }: Reasoning['findings'][number]) => {
    const cost = effect === undefined ? '' : `, ${UNITS[effect.currency](effect.amount)}`
    return `${service}: ${text} (z ${strength.toFixed(1)}${cost})`
  }
  return [
    ...step(1, 'What is odd, and whom it is charged to', findings.map(told)),
    ...(unfelt.length > 0 ? step(2, 'Odd, but felt by no symptom: left out', unfelt.map(told)) : []),
    ...step(
      unfelt.length > 0 ? 3 : 2,
      'Blame: part of the whole effect times the root of the largest z; then where a walk along the calls ends',
      services.map(
        (service) =>
          `${service}: ${percent((direct.get(service) ?? 0) / total)} of the blame, ${percent(walked.get(service) ?? 0)} of the walk`,
      ),
    ),
    `None of these: ${percent(none)}, the chance that even the strongest is an accident`,
  ].join('\n')
}

const UNITS = {
  time: (amount: number) => `${(amount / 1000).toFixed(1)} s of waiting`,
  queue: (amount: number) => `${(amount / 1000).toFixed(1)} s in queues`,
  failures: (amount: number) => `${amount.toFixed(1)} failures`,
  calls: (amount: number) => `${amount.toFixed(1)} calls`,
} as const

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}

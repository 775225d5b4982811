import type { styleText } from 'node:util'
import type { EntityStatus, Graph } from '@adf/contract'
import { bareName } from './trial.ts'

export type Style = (format: Parameters<typeof styleText>[0], text: string) => string

/** One row of the live table. NaN where nothing is known. */
export interface ServiceState {
  readonly service: string
  readonly rate: number
  readonly errorRate: number
  readonly p95: number
  readonly score: number
  readonly threshold: number
}

export function statesOf(
  services: readonly string[],
  graph: Graph,
  entities: readonly EntityStatus[],
): readonly ServiceState[] {
  return services.map((service) => {
    const node = graph.nodes.find((each) => each.kind === 'service' && bareName(each.id) === service)
    const stream = entities
      .find(({ entity }) => entity.service === service)
      ?.streams.find((each) => each.stream === 'service')
    const latest = (name: string) => stream?.features.find((feature) => feature.name === name)?.value
    return {
      service,
      rate: latest('request_rate') ?? node?.rate ?? Number.NaN,
      errorRate: latest('error_rate') ?? node?.error_rate ?? Number.NaN,
      p95: latest('latency_p95') ?? node?.latency?.p95 ?? Number.NaN,
      score: stream?.score ?? Number.NaN,
      threshold: stream?.threshold ?? Number.NaN,
    }
  })
}

const show = (value: number, digits: number, unit: string) =>
  Number.isNaN(value) ? '–' : `${value.toFixed(digits)}${unit}`

const isAnomalous = ({ score, threshold }: ServiceState) => score >= threshold

/** Shape and word as well as colour tell what is anomalous. */
export function stateTable(states: readonly ServiceState[], style: Style): readonly string[] {
  const row = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(10))).join('')
  return [
    style('dim', row(['service', 'requests', 'errors', 'p95', 'score'])),
    ...states.map((state) => {
      const text = row([
        state.service,
        show(state.rate, 1, '/s'),
        show(100 * state.errorRate, 0, ' %'),
        show(state.p95, 0, ' ms'),
        show(state.score, 2, ''),
      ])
      return isAnomalous(state) ? style('red', `${text}  ▲ anomalous`) : text
    }),
  ]
}

/** The same in one line: what stands out, or that nothing does. */
export function stateLine(states: readonly ServiceState[]): string {
  const anomalous = states.filter(isAnomalous)
  const rate = states[0]?.rate ?? Number.NaN
  const load = `${show(rate, 1, '')} requests/s`
  if (anomalous.length === 0) return `${load}; all ${states.length} services normal`
  return `${load}; anomalous: ${anomalous.map((state) => `${state.service} (${show(state.score, 2, '')})`).join(', ')}`
}

import type { AggregationSettings } from '../rules.ts'

interface Coordination {
  readonly min_clients_per_round: number
  readonly mode: 'synchronous' | 'asynchronous'
}

/** The keys of `federated` that go together with secure aggregation or do not. */
interface SecureKeys {
  readonly coordinator: Coordination
  readonly aggregation: AggregationSettings
  readonly poisoning_detection: { readonly enabled: boolean }
  readonly runs: Readonly<
    Record<
      string,
      {
        readonly min_clients_per_round?: number | undefined
        readonly aggregation?: AggregationSettings | undefined
      }
    >
  >
}

export interface KeyFault {
  readonly path: string[]
  readonly message: string
}

/** With two, each could subtract itself from the sum; more have no coordinates for their shares. */
const FEWEST = 3
const MOST = 255
const WITH = 'with federated.secure_aggregation'

/** What contradicts secure aggregation, by path below `federated`: whatever needs single updates, and rounds too small or too large. */
export function secureFaults({
  coordinator,
  aggregation,
  poisoning_detection,
  runs,
}: SecureKeys): KeyFault[] {
  const faults: KeyFault[] = []
  if (coordinator.mode === 'asynchronous')
    faults.push({
      path: ['coordinator', 'mode'],
      message: `must be synchronous ${WITH}: masks cancel among the clients of one round only`,
    })
  if (poisoning_detection.enabled)
    faults.push({
      path: ['poisoning_detection', 'enabled'],
      message: `must be false ${WITH}: nobody sees single updates`,
    })
  const inherited = Object.values(runs).some((run) => run.aggregation === undefined)
  if (inherited) faults.push(...aggregationFaults(['aggregation'], aggregation))
  const count = ({ min_clients_per_round: least }: { min_clients_per_round?: number | undefined }) =>
    least === undefined || (least >= FEWEST && least <= MOST)
  const wrongCount = `must be ${FEWEST} to ${MOST} ${WITH}`
  if (!count(coordinator))
    faults.push({ path: ['coordinator', 'min_clients_per_round'], message: wrongCount })
  for (const [name, run] of Object.entries(runs)) {
    if (run.aggregation !== undefined)
      faults.push(...aggregationFaults(['runs', name, 'aggregation'], run.aggregation))
    if (!count(run)) faults.push({ path: ['runs', name, 'min_clients_per_round'], message: wrongCount })
  }
  return faults
}

function aggregationFaults(at: string[], { rule, pre_steps, faulty }: AggregationSettings): KeyFault[] {
  const faults: KeyFault[] = []
  if (rule !== 'fed_avg')
    faults.push({
      path: [...at, 'rule'],
      message: `must be fed_avg ${WITH}: ${rule} needs single updates, which nobody sees`,
    })
  if (pre_steps.length > 0)
    faults.push({
      path: [...at, 'pre_steps'],
      message: `must be [] ${WITH}: ${pre_steps.join(' and ')} ${pre_steps.length > 1 ? 'need' : 'needs'} single updates, which nobody sees`,
    })
  if (faulty !== 'auto' && faulty > 0)
    faults.push({ path: [...at, 'faulty'], message: `must be 0 or auto ${WITH}: a mean withstands none` })
  return faults
}

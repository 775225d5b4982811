/** What the labels of an alert tell of it. */
export interface Origin {
  readonly alertname: string
  readonly ours: boolean
  readonly incidentId: string | undefined
  readonly service: string | undefined
  readonly entity: string | undefined
}

/** ADF's incidents, its pages on error budgets, and its alert rules. */
const OURS = /^ADF[A-Z]/

/** Longer names are no key to group by. */
const LONGEST = 512

/** Alertmanager makes no alert without a label; without a name it has none here either. */
export function originOf(labels: Readonly<Record<string, string>>): Origin {
  const label = (name: string) => (Object.hasOwn(labels, name) ? labels[name] : undefined)
  const first = (...names: string[]) => names.map(label).find((value) => value !== undefined && value !== '')
  const alertname = first('alertname') ?? ''
  const ours = OURS.test(alertname)
  const incidentId = ours ? first('incident') : undefined
  return {
    alertname: alertname.slice(0, LONGEST),
    ours,
    incidentId: incidentId !== undefined && incidentId.length <= 64 ? incidentId : undefined,
    service: first('service', 'job')?.slice(0, LONGEST),
    entity: first('entity', 'instance')?.slice(0, LONGEST),
  }
}

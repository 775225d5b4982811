import type { DataFrame, PluginExtensionAddedLinkConfig, PluginExtensionPanelContext } from '@grafana/data'
import { links } from './links.ts'

/** A place of Grafana's where a link of the app may stand, with what Grafana tells of it. */
type LinkConfig = PluginExtensionAddedLinkConfig

/** Labels and attributes that may name a service, the surest first. */
const SERVICE_LABELS = ['service_name', 'service.name', 'service', 'server', 'app', 'job']
/** Labels of ADF's own metrics and alerts. */
const ENTITY_LABELS = ['entity']
const INCIDENT_LABELS = ['incident_id', 'incident']

type Labels = Readonly<Record<string, string>>

const first = (labels: Labels, names: readonly string[]): string | undefined =>
  names.map((name) => labels[name]).find((value) => value !== undefined && value !== '')

/** Where in the app the labels lead: to an incident, to an entity of ADF's, or to a service in the graph. undefined: nowhere. */
function pageOf(labels: Labels): { readonly title: string; readonly path: string } | undefined {
  const incident = first(labels, INCIDENT_LABELS)
  if (incident !== undefined) return { title: 'ADF: open the incident', path: links.incident(incident) }
  const entity = first(labels, ENTITY_LABELS)
  if (entity !== undefined) return { title: `ADF: ${entity}`, path: links.entity(entity) }
  const service = first(labels, SERVICE_LABELS)
  if (service !== undefined)
    return { title: `ADF: ${service} in the causal graph`, path: links.graph(service) }
  return undefined
}

/** Labels on which all series agree: those of one thing. */
function agreed(frames: readonly DataFrame[]): Labels {
  const all = frames.flatMap(({ fields }) =>
    fields.flatMap(({ labels }) => (labels === undefined ? [] : [labels])),
  )
  const [one, ...others] = all
  if (one === undefined) return {}
  return Object.fromEntries(
    Object.entries(one).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  )
}

const isLabels = (value: unknown): value is Labels =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')

/** Labels of an alert instance or rule, wherever Grafana's context has them. */
function labelsOf(context: unknown): Labels {
  if (typeof context !== 'object' || context === null) return {}
  for (const place of ['instance', 'rule', 'alertRule', 'alert'] as const) {
    const holder: unknown = Reflect.get(context, place)
    if (typeof holder !== 'object' || holder === null) continue
    const labels: unknown = Reflect.get(holder, 'labels')
    if (isLabels(labels)) return labels
  }
  const own: unknown = Reflect.get(context, 'labels')
  return isLabels(own) ? own : {}
}

/** Resource attributes of a span as labels: the first value of each. */
function attributesOf(context: unknown): Labels {
  if (typeof context !== 'object' || context === null) return {}
  const attributes: unknown = Reflect.get(context, 'attributes')
  if (typeof attributes !== 'object' || attributes === null) return {}
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, values]) =>
      Array.isArray(values) && typeof values[0] === 'string' ? [[name, values[0]]] : [],
    ),
  )
}

const isPanel = (context: unknown): context is PluginExtensionPanelContext =>
  typeof context === 'object' && context !== null && 'targets' in context

/** Where a context leads; undefined hides the link. */
export const fromPanel = (context: unknown) =>
  pageOf(isPanel(context) ? agreed(context.data?.series ?? []) : {})
export const fromAlert = (context: unknown) => pageOf(labelsOf(context))
export const fromSpan = (context: unknown) => pageOf(attributesOf(context))

/** Each as it is in `extensions.addedLinks` of plugin.json, which Grafana compares. */
export const extensionLinks: readonly LinkConfig[] = [
  {
    targets: 'grafana/dashboard/panel/menu',
    title: 'ADF: what is wrong here',
    description: 'The entity, service or incident that the series of this panel are of',
    icon: 'sitemap',
    path: links.overview,
    configure: fromPanel,
  },
  {
    targets: ['grafana/alerting/instance/action', 'grafana/alerting/alertingrule/action'],
    title: 'ADF: root cause',
    description: 'The incident, entity or service that this alert is about',
    icon: 'sitemap',
    path: links.incidents,
    configure: fromAlert,
  },
  {
    targets: 'grafana/explore/toolbar/action',
    title: 'ADF: open incidents',
    description: 'What ADF finds wrong now, and where it began',
    icon: 'bell',
    path: links.incidents,
    // Where the series are not of one thing, the open incidents are of use all the same.
    configure: (context: unknown) => fromPanel(context) ?? {},
  },
  {
    targets: 'grafana/traceview/resource-attributes',
    title: 'ADF: this service',
    description: 'The service of this span in the causal graph',
    icon: 'sitemap',
    path: links.graph(),
    configure: fromSpan,
  },
  {
    targets: 'grafana/commandpalette/action',
    title: 'ADF: what is wrong',
    description: 'Open incidents and their probable causes',
    icon: 'bell',
    path: links.overview,
  },
]

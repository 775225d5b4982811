/** Where the pages of the app are. */
const BASE = '/a/adf-app'
const escaped = encodeURIComponent

export const links = {
  overview: BASE,
  incidents: `${BASE}/incidents`,
  openIncidents: `${BASE}/incidents?state=open`,
  incident: (id: string) => `${BASE}/incidents/${escaped(id)}`,
  graph: (focus?: string, at?: string) => {
    const query = new URLSearchParams()
    if (focus !== undefined) query.set('focus', focus)
    if (at !== undefined) query.set('at', at)
    return query.size === 0 ? `${BASE}/graph` : `${BASE}/graph?${query}`
  },
  anomalies: (filter: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams(filter)
    return query.size === 0 ? `${BASE}/anomalies` : `${BASE}/anomalies?${query}`
  },
  objectives: `${BASE}/objectives`,
  thresholds: (of?: { readonly stream: string; readonly entity: string }) =>
    of === undefined ? `${BASE}/thresholds` : `${BASE}/thresholds?${new URLSearchParams({ ...of })}`,
  federation: (run?: string) =>
    run === undefined ? `${BASE}/federation` : `${BASE}/federation?${new URLSearchParams({ run })}`,
  entities: `${BASE}/entities`,
  entity: (id: string) => `${BASE}/entities/${escaped(id)}`,
} as const

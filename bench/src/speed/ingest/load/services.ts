/** Each calls the next. */
export const SERVICES = 10
/** Of each service: one is in each request, another in the next. */
const INSTANCES = 100
export const ENTITIES = SERVICES * INSTANCES

export const nameOf = (service: number): string => `service-${service}`

/** Stands where the number of the instance does. */
export const INSTANCE = '@@@'

/** The number of the instances in request `sent` of one of `connections`: those of a connection are its own, so that their telemetry is in order. */
export function instanceOf(sent: number, connection: number, connections: number): string {
  return String((sent * connections + connection) % INSTANCES).padStart(INSTANCE.length, '0')
}

export type Attributes = Readonly<Record<string, string | number>>

export const attributes = (values: Attributes) =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
  }))

export const resource = (service: number, name = nameOf(service)) => ({
  attributes: attributes({
    'service.name': name,
    'service.namespace': 'bench',
    'service.version': '1.4.2',
    'service.instance.id': `${name}-${INSTANCE}`,
    'host.name': `host-${service}-${INSTANCE}`,
    'telemetry.sdk.language': 'nodejs',
  }),
})

export const scope = (name: string) => ({ name, version: '1.0.0' })

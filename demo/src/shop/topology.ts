/** The shop: who exists, what it speaks, whom it calls. The graph that ADF should find, in other words. */
export interface ServiceSpec {
  readonly name: string
  readonly version: string
  /** `queue`: serves no port, takes messages from a topic. */
  readonly protocol: 'http' | 'grpc' | 'queue'
  readonly calls: readonly string[]
  /** Sends queries to the database. */
  readonly database: boolean
  readonly publishes?: string
  readonly consumes?: string
}

export const NAMESPACE = 'shop'
export const ORDERS = 'orders'

/** Names that the virtual nodes have in telemetry; both are processes without instrumentation, as in a real shop. */
export const DATABASE = 'shop-db'
export const QUEUE = 'shop-queue'

export const SERVICES: readonly ServiceSpec[] = [
  {
    name: 'frontend',
    version: '3.2.0',
    protocol: 'http',
    calls: ['catalog', 'cart', 'checkout'],
    database: false,
  },
  {
    name: 'checkout',
    version: '2.4.1',
    protocol: 'http',
    calls: ['cart', 'payment', 'shipping'],
    database: false,
    publishes: ORDERS,
  },
  { name: 'cart', version: '1.8.0', protocol: 'http', calls: ['inventory'], database: true },
  { name: 'catalog', version: '1.3.2', protocol: 'http', calls: ['inventory', 'pricing'], database: true },
  { name: 'payment', version: '5.0.3', protocol: 'grpc', calls: ['pricing'], database: true },
  { name: 'shipping', version: '1.1.0', protocol: 'http', calls: ['inventory', 'pricing'], database: false },
  { name: 'inventory', version: '2.0.5', protocol: 'grpc', calls: [], database: true },
  { name: 'pricing', version: '4.1.0', protocol: 'grpc', calls: [], database: true },
  {
    name: 'notification',
    version: '0.9.1',
    protocol: 'queue',
    calls: [],
    database: true,
    consumes: ORDERS,
  },
  { name: 'accounting', version: '1.0.0', protocol: 'queue', calls: [], database: true, consumes: ORDERS },
]

export function specOf(name: string): ServiceSpec {
  const spec = SERVICES.find((service) => service.name === name)
  if (!spec) {
    throw new Error(`no service ${name} in the shop; there are ${SERVICES.map((s) => s.name).join(', ')}`)
  }
  return spec
}

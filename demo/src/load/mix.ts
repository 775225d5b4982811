import { pick, type Random } from '../runtime/random.ts'

export interface UserRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: Record<string, unknown>
}

const USERS = 100
const PRODUCTS = 50

type Route = (user: string, product: string) => UserRequest

const MIX: readonly { readonly weight: number; readonly route: Route }[] = [
  { weight: 25, route: () => ({ method: 'GET', path: '/' }) },
  { weight: 25, route: (_user, product) => ({ method: 'GET', path: `/products/${product}` }) },
  { weight: 12, route: (user) => ({ method: 'GET', path: `/cart/${user}` }) },
  { weight: 13, route: (user, product) => ({ method: 'POST', path: `/cart/${user}`, body: { product } }) },
  { weight: 25, route: (user) => ({ method: 'POST', path: `/checkout/${user}`, body: {} }) },
]

const urn = MIX.flatMap(({ weight, route }) => Array<Route>(weight).fill(route))

/** What the next user asks for. */
export function nextRequest(random: Random): UserRequest {
  const user = `u-${1 + Math.floor(random() * USERS)}`
  const product = `p-${1 + Math.floor(random() * PRODUCTS)}`
  return pick(random, urn)(user, product)
}

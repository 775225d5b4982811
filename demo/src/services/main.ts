/** One process of the shop: `node --import ../runtime/telemetry.ts main.ts --service NAME [--seed N] [--port P]`. */
import { parseArgs } from 'node:util'
import { hostService } from '../runtime/host.ts'
import type { Service } from '../runtime/service.ts'
import { SERVICES, specOf } from '../shop/topology.ts'

const { values } = parseArgs({
  options: {
    service: { type: 'string' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
  },
})
const spec = SERVICES.find((service) => service.name === values.service)
if (!spec) {
  process.stderr.write(
    `usage: main.ts --service ${SERVICES.map((s) => s.name).join('|')} [--seed N] [--port P]\n`,
  )
  process.exit(2)
}

// Only this service's module is loaded: ten processes start at once on two cores.
const loaders: Readonly<Record<string, () => Promise<Record<string, Service>>>> = {
  frontend: () => import('./frontend.ts'),
  checkout: () => import('./checkout.ts'),
  cart: () => import('./cart.ts'),
  catalog: () => import('./catalog.ts'),
  payment: () => import('./payment.ts'),
  shipping: () => import('./shipping.ts'),
  inventory: () => import('./inventory.ts'),
  pricing: () => import('./pricing.ts'),
  notification: () => import('./notification.ts'),
  accounting: () => import('./accounting.ts'),
}
const service = (await loaders[spec.name]?.())?.[spec.name]
if (!service) throw new Error(`${specOf(spec.name).name} has no module`)
await hostService(service, { seed: Number(values.seed), port: Number(values.port) })

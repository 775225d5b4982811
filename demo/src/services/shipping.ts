import type { Service } from '../runtime/service.ts'

export const shipping: Service = {
  name: 'shipping',
  handlers: {
    'POST /shipments': async ({ body }, shop) => {
      await shop.work(6)
      const product = `p-${1 + Math.floor(shop.random() * 50)}`
      await shop.call('inventory', 'Reserve', { product })
      const quote = await shop.call('pricing', 'Quote', { product })
      shop.log.info(`shipment for user ${body['user']} planned by depot ${Math.floor(shop.random() * 6)}`)
      return { cost: Number(quote['price'] ?? 0) / 10 }
    },
  },
}

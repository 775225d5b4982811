import type { Service } from '../runtime/service.ts'
import { ORDERS } from '../shop/topology.ts'

/** Cart, then price of shipping and payment, then the order goes to the queue. All of it is needed. */
export const checkout: Service = {
  name: 'checkout',
  handlers: {
    'POST /orders/:user': async ({ params }, shop) => {
      const user = params['user'] ?? ''
      await shop.work(5)
      const cart = await shop.call('cart', `GET /carts/${user}`)
      const shipping = await shop.call('shipping', 'POST /shipments', { user, items: cart['items'] ?? 1 })
      const paid = await shop.call('payment', 'Charge', { user, shipping: shipping['cost'] ?? 0 })
      const order = `o-${Math.floor(shop.random() * 1e9).toString(36)}`
      await shop.queue.publish(ORDERS, { order, user, amount: paid['amount'] ?? 0 })
      shop.log.info(`order ${order} placed for user ${user}`)
      return { order, ...paid }
    },
  },
}

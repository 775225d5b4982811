import type { Service } from '../runtime/service.ts'
import { ORDERS } from '../shop/topology.ts'

/** One mail for each order. */
export const notification: Service = {
  name: 'notification',
  consume: {
    topic: ORDERS,
    batch: 1,
    handle: async ([order], shop) => {
      await shop.work(10)
      await shop.database.query('SELECT count(*) AS orders FROM orders WHERE user = ?', [
        String(order?.['user']),
      ])
      shop.log.info(`mail about order ${order?.['order']} sent to user ${order?.['user']}`)
    },
  },
}

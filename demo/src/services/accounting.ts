import type { Service } from '../runtime/service.ts'
import { ORDERS } from '../shop/topology.ts'

/** Books orders by the handful. */
export const accounting: Service = {
  name: 'accounting',
  consume: {
    topic: ORDERS,
    batch: 5,
    handle: async (orders, shop) => {
      await shop.work(5)
      for (const order of orders) {
        await shop.database.query('INSERT INTO ledger (entry, amount) VALUES (?, ?)', [
          String(order['order']),
          Number(order['amount']),
        ])
      }
      shop.log.info(`booked ${orders.length} orders`)
    },
  },
}

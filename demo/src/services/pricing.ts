import type { Service } from '../runtime/service.ts'

export const pricing: Service = {
  name: 'pricing',
  handlers: {
    Quote: async ({ body }, shop) => {
      await shop.work(3)
      const rows = await shop.database.query('SELECT price FROM prices WHERE product = ?', [
        String(body['product']),
      ])
      return { price: rows[0]?.['price'] ?? 0 }
    },
    Total: async ({ body }, shop) => {
      await shop.work(4)
      const rows = await shop.database.query(
        'SELECT sum(price) AS total FROM prices WHERE product IN (SELECT product FROM carts WHERE user = ?)',
        [String(body['user'])],
      )
      shop.log.info(`total computed for user ${body['user']}`)
      return { total: rows[0]?.['total'] ?? 0 }
    },
  },
}

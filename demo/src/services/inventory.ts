import type { Service } from '../runtime/service.ts'

export const inventory: Service = {
  name: 'inventory',
  handlers: {
    Check: async ({ body }, shop) => {
      await shop.work(3)
      const rows = await shop.database.query('SELECT quantity FROM stock WHERE product = ?', [
        String(body['product']),
      ])
      return { left: rows[0]?.['quantity'] ?? 0 }
    },
    Reserve: async ({ body }, shop) => {
      await shop.work(4)
      await shop.database.query('UPDATE stock SET quantity = max(0, quantity - 1) WHERE product = ?', [
        String(body['product']),
      ])
      shop.log.info(`reserved one of ${body['product']}`)
      return { reserved: 1 }
    },
  },
}

import type { Service } from '../runtime/service.ts'

export const cart: Service = {
  name: 'cart',
  handlers: {
    'GET /carts/:user': async ({ params }, shop) => {
      await shop.work(4)
      const rows = await shop.database.query('SELECT product, quantity FROM carts WHERE user = ?', [
        params['user'] ?? '',
      ])
      return { items: rows.length, rows }
    },
    'POST /carts/:user': async ({ params, body }, shop) => {
      await shop.work(4)
      const product = String(body['product'] ?? 'p-1')
      const stock = await shop.call('inventory', 'Check', { product })
      await shop.database.query('INSERT INTO carts (user, product, quantity) VALUES (?, ?, 1)', [
        params['user'] ?? '',
        product,
      ])
      shop.log.info(`product ${product} put into the cart of user ${params['user']}`)
      return { product, left: stock['left'] ?? 0 }
    },
  },
}

import { pick } from '../runtime/random.ts'
import type { Service } from '../runtime/service.ts'

export const catalog: Service = {
  name: 'catalog',
  handlers: {
    'GET /products/:product': async ({ params }, shop) => {
      const product = params['product'] ?? ''
      await shop.work(4)
      const rows = await shop.database.query('SELECT title FROM products WHERE product = ?', [product])
      const [price, stock] = await Promise.all([
        shop.call('pricing', 'Quote', { product }),
        shop.call('inventory', 'Check', { product }),
      ])
      return { product, title: rows[0]?.['title'] ?? '', ...price, ...stock }
    },
    'GET /offers': async (_request, shop) => {
      await shop.work(6)
      const rows = await shop.database.query('SELECT product, title FROM products LIMIT 5')
      const product = String(pick(shop.random, rows)['product'])
      const price = await shop.call('pricing', 'Quote', { product })
      shop.log.info(`offer of the hour is ${product}`)
      return { offers: rows.length, ...price }
    },
  },
}

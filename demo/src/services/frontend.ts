import type { Service } from '../runtime/service.ts'

/** What the browser talks to. The offers on the home page are nice to have: without them the page still comes. */
export const frontend: Service = {
  name: 'frontend',
  handlers: {
    'GET /': async (_request, shop) => {
      await shop.work(3)
      try {
        const offers = await shop.call('catalog', 'GET /offers')
        return { page: 'home', offers }
      } catch {
        shop.log.warn('home page without offers')
        return { page: 'home', offers: [] }
      }
    },
    'GET /products/:product': async ({ params }, shop) => {
      await shop.work(3)
      return shop.call('catalog', `GET /products/${params['product']}`)
    },
    'GET /cart/:user': async ({ params }, shop) => {
      await shop.work(2)
      return shop.call('cart', `GET /carts/${params['user']}`)
    },
    'POST /cart/:user': async ({ params, body }, shop) => {
      await shop.work(2)
      return shop.call('cart', `POST /carts/${params['user']}`, body)
    },
    'POST /checkout/:user': async ({ params }, shop) => {
      await shop.work(4)
      const order = await shop.call('checkout', `POST /orders/${params['user']}`, {})
      shop.log.info(`user ${params['user']} ordered ${order['order']}`)
      return order
    },
  },
}

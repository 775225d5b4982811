import type { Service } from '../runtime/service.ts'

export const payment: Service = {
  name: 'payment',
  handlers: {
    Charge: async ({ body }, shop) => {
      await shop.work(8)
      const quote = await shop.call('pricing', 'Total', { user: body['user'] })
      const amount = Number(quote['total'] ?? 0) + Number(body['shipping'] ?? 0)
      await shop.database.query('INSERT INTO payments (user, amount) VALUES (?, ?)', [
        String(body['user']),
        amount,
      ])
      shop.log.info(`charged ${amount.toFixed(2)} to user ${body['user']}`)
      return { amount }
    },
  },
}

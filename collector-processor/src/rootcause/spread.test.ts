import { expect, it } from 'vitest'
import { spreadOf } from './spread.ts'

const callers = (calls: readonly { client: string; server: string }[]) => (service: string) =>
  calls.filter(({ client, server }) => server === service && client !== service).map(({ client }) => client)

const steps = [
  { client: 'web', server: 'cart' },
  { client: 'cart', server: 'stock' },
  { client: 'ads', server: 'stock' },
  { client: 'stock', server: 'stock' },
]

it('tells the way to the farthest service that shows something, and who is explained', () => {
  expect(spreadOf('stock', new Set(['web', 'cart', 'ads']), callers(steps))).toEqual({
    path: ['stock', 'cart', 'web'],
    explained: ['cart', 'ads', 'web'],
  })
})

it('stops at a service that shows nothing', () => {
  expect(spreadOf('stock', new Set(['web']), callers(steps)).path).toEqual(['stock'])
})

it('ends in a cycle', () => {
  const cycle = [...steps, { client: 'stock', server: 'web' }]
  expect(spreadOf('stock', new Set(['web', 'cart', 'stock']), callers(cycle)).path).toEqual([
    'stock',
    'cart',
    'web',
  ])
})

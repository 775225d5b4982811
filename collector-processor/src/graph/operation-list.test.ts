import { expect, it } from 'vitest'
import { span, T0, testGraph } from './testing/traffic.ts'

it('tells rate, errors and exclusive time of each operation, by the last minutes', () => {
  const test = testGraph()
  const served = (name: string, at: number, ms: number, failed = false) =>
    span({ service: 'shop/cart', kind: 'server', name, at, ms, failed })
  for (let second = 0; second < 600; second++)
    test.send(
      [served('GET /', second * 1000, 30), served('POST /', second * 1000, 10, second % 2 === 0)],
      T0 + second * 1000,
    )
  test.send([served('GET /old', 0, 5)], T0 + 599_000)
  const found = test.graph.operations('shop/cart', T0 + 599_999)
  expect(found).toMatchObject({ service: 'shop/cart', window_seconds: 300 })
  expect(found?.operations.map(({ operation }) => operation)).toEqual(['GET /', 'POST /'])
  const [get, post] = found?.operations ?? []
  expect([get?.rate, get?.exclusive_ms, get?.share, get?.error_origin_rate]).toEqual([1, 30, 0.75, 0])
  expect([post?.rate, post?.exclusive_ms, post?.share, post?.error_origin_rate]).toEqual([1, 10, 0.25, 0.5])
  expect(test.graph.operations('cart', T0)).toBeUndefined()
})

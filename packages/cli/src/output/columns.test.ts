import { expect, test } from 'vitest'
import { columns } from './columns.ts'

test('columns are as wide as their widest cell, numbers to the right', () => {
  const text = columns(
    ['NAME', 'BYTES', 'STATE'],
    [
      ['site-oslo', '7', 'ok'],
      ['x', '1024', ''],
    ],
    ['BYTES'],
  )
  expect(text).toBe('NAME       BYTES  STATE\nsite-oslo      7  ok\nx           1024')
})

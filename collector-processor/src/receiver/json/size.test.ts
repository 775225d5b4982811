import { expect, test } from 'vitest'
import { hasTooManyValues, MAX_VALUES } from './size.ts'

test('a document of very many values is told from a large one', () => {
  expect(hasTooManyValues(Buffer.from(`[${'{},'.repeat(MAX_VALUES / 2)}{}]`))).toBe(true)
  expect(hasTooManyValues(Buffer.from(`[${'1,'.repeat(MAX_VALUES)}1]`))).toBe(true)
  expect(hasTooManyValues(Buffer.from(`["${'x'.repeat(MAX_VALUES * 2)}"]`))).toBe(false)
  expect(hasTooManyValues(Buffer.from('[{},{}]'))).toBe(false)
})

import { expect, test } from 'vitest'
import { annotationText } from './annotation-text.ts'

test.each([
  ['<!channel> pay', '‹!channel> pay'],
  ['<https://evil.example|useful>', '‹https://evil.example|useful>'],
  ['<@U123> <#C1> </b> <b>', '‹@U123> ‹#C1> ‹/b> ‹b>'],
  ['pay\n1. cart (99 %)', 'pay 1. cart (99 %)'],
  ['a\u001b[31mb\u202ec', 'a [31mb c'],
  ['p95 840 ms < 900 ms, <*> failed, a->b', 'p95 840 ms < 900 ms, <*> failed, a->b'],
])('%j is told as %j', (text, told) => {
  expect(annotationText(text)).toBe(told)
})

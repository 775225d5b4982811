// @vitest-environment happy-dom
import { afterEach, expect, test } from 'vitest'
import { EMPTY, keepDraft, readDraft } from './draft.ts'

afterEach(() => sessionStorage.clear())

test('a draft is there again until it is emptied, each incident has its own', () => {
  const draft = { cause: 'shop/payment', note: 'deploy <b>' }
  keepDraft(sessionStorage, 'a', draft)
  expect(readDraft(sessionStorage, 'a')).toEqual(draft)
  expect(readDraft(sessionStorage, 'b')).toEqual(EMPTY)
  keepDraft(sessionStorage, 'a', EMPTY)
  expect(sessionStorage).toHaveLength(0)
})

test.each(['{', '7', '{"note": 7}', 'null'])('what somebody else put there (%s) is no draft', (kept) => {
  sessionStorage.setItem('adf-verdict-draft:a', kept)
  expect(readDraft(sessionStorage, 'a')).toEqual(EMPTY)
})

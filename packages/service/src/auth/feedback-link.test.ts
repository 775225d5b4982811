import { expect, test } from 'vitest'
import { type FeedbackLink, FeedbackLinks } from './feedback-link.ts'

const OLD = 'o'.repeat(32)
const NEW = 'n'.repeat(32)
const links = new FeedbackLinks([NEW])
const useful: Omit<FeedbackLink, 'nonce'> = {
  target: { kind: 'incident', id: '019c9a3e-7d2a-7000-8000-000000000001' },
  verdict: 'true_positive',
  expiresMs: Date.UTC(2026, 2, 15),
}

test.each<Omit<FeedbackLink, 'nonce'>>([
  useful,
  { ...useful, verdict: 'false_positive' },
  { ...useful, target: { kind: 'alert', id: 'HighCpu/oslo ø' } },
])('what a token says is read back: %j', (link) => {
  const token = links.token(link)
  expect(token).toMatch(/^[\w-]+\.[\w-]+$/)
  expect(links.read(token)).toEqual({ ...link, nonce: expect.stringMatching(/^[\w-]{11}$/) })
})

test('a token is short, and the same for the same alert', () => {
  expect(links.token(useful)).toHaveLength(83)
  expect(links.token(useful)).toBe(links.token({ ...useful }))
})

test('links that say something else have another nonce', () => {
  const nonces = [
    useful,
    { ...useful, verdict: 'false_positive' as const },
    { ...useful, expiresMs: 5000 },
  ].map((link) => links.read(links.token(link))?.nonce)
  expect(new Set(nonces).size).toBe(3)
})

test('a change of any character makes it unreadable', () => {
  const token = links.token(useful)
  for (let at = 0; at < token.length; at++) {
    for (const other of ['A', 'B', '.', '-', '%']) {
      const forged = token.slice(0, at) + other + token.slice(at + 1)
      if (forged !== token) expect(links.read(forged)).toBeUndefined()
    }
  }
})

test.each([
  '',
  '.',
  'a',
  'a.b',
  'a.b.c',
  `${'A'.repeat(40)}.${'A'.repeat(43)}`,
  '.'.repeat(300),
  'A'.repeat(100_000),
])('%s is no token', (text) => {
  expect(links.read(text)).toBeUndefined()
})

test('another key reads nothing; during a rotation both are read and the first signs', () => {
  const before = new FeedbackLinks([OLD])
  const between = new FeedbackLinks([NEW, OLD])
  expect(links.read(before.token(useful))).toBeUndefined()
  expect(between.read(before.token(useful))).toMatchObject(useful)
  expect(between.token(useful)).toBe(links.token(useful))
})

test('an expired token is read, so that it can be said that it is', () => {
  expect(links.read(links.token({ ...useful, expiresMs: 1500 }))?.expiresMs).toBe(2000)
})

test('bad use is refused', () => {
  expect(() => new FeedbackLinks([])).toThrow('needs a key')
  for (const id of ['', 'x'.repeat(65)])
    expect(() => links.token({ ...useful, target: { kind: 'alert', id } })).toThrow('1 to 64 bytes')
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { calls, causes, first, impact, none } from './readme.example.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the example of the README is the one that runs, and says what it does', () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('./readme.example.ts')}\`\`\``)
  expect(calls.toSorted()).toEqual(['checkout -> payment', 'user:user -> web', 'web -> checkout'])
  expect(first?.service).toBe('payment')
  expect(first?.kind).toBe('code')
  expect(first?.probability).toBeGreaterThan(0.5)
  expect(first?.evidence[0]?.text).toContain('exclusive time of POST /pay')
  expect(impact).toEqual(['checkout', 'web'])
  expect(causes.reduce((sum, { probability }) => sum + probability, none)).toBeLessThanOrEqual(1 + 1e-9)
})

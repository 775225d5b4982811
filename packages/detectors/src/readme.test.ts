import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { expected, normalScore, oddScore, parts, sameScore } from './readme.example.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the example of the README is the one that runs, and says what it does', () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('./readme.example.ts')}\`\`\``)
  expect(normalScore).toBeLessThan(0.5)
  expect(oddScore).toBe(1)
  expect(parts[0]).toBeGreaterThan(0.99)
  expect(Math.abs(expected[0]! - 100)).toBeLessThan(5)
  expect(sameScore).toBe(oddScore)
})

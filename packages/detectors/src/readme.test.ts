import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { calm, expected, odd, same, shares, statistics } from './readme.example.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

it('the example of the README is the one that runs, and says what it does', () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('./readme.example.ts')}\`\`\``)
  expect(calm.isAnomaly).toBe(false)
  expect(odd.isAnomaly).toBe(true)
  expect(odd.score).toBeGreaterThan(0.55)
  expect(shares?.[0]).toBeGreaterThan(0.7)
  expect(Math.abs((expected ?? 0) - 100)).toBeLessThan(25)
  expect(statistics).toEqual({ vectors: 2, anomalies: 1, threshold: 0.9 })
  expect(same).toEqual(odd)
})

import { readFileSync } from 'node:fs'
import { FederationStatus } from '@adf/contract/federation'
import { expect, test } from 'vitest'
import { status, weights } from './federation-library.example.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

test('the example of the README is the one that runs: all sites end with the same weights', () => {
  const example = read('./federation-library.example.ts')
  expect(read('../../packages/federation/README.md')).toContain(`\`\`\`ts\n${example}\`\`\``)
  expect(weights[1]).toEqual(weights[0])
  expect(weights[2]).toEqual(weights[0])
  expect(FederationStatus.parse(status)).toMatchObject({
    clients: { enrolled: 3 },
    runs: [{ run: 'tides', state: 'finished', version: 2, rounds: { committed: 2, abandoned: 0 } }],
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import * as contract from './index.ts'
import { openApiDocument } from './openapi.ts'

/** Schemas that only ever stand inside a message. */
const parts = new Set([
  'AnomalyType',
  'CauseKind',
  'Comparators',
  'Contribution',
  'DeliveryStatus',
  'Entity',
  'EntityStatus',
  'EntityStream',
  'Evidence',
  'EvidenceKind',
  'FeatureStatus',
  'GraphChange',
  'GraphClock',
  'GraphEdge',
  'GraphEnds',
  'GraphNode',
  'GraphOperation',
  'GraphPlacement',
  'IncidentState',
  'Instant',
  'Latency',
  'Moved',
  'NodeKind',
  'RootCause',
  'Score',
  'SloStatus',
  'SloWindow',
  'TimelineEntry',
  'VerdictValue',
])
const folder = new URL('./golden/', import.meta.url)
const files = readdirSync(folder)
const schemas: Readonly<Record<string, unknown>> = contract
const messageOf = (file: string) =>
  file.replace(/\..*$/, '').replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())

test.each(files)('%s is what its schema says, and nothing is lost on the way through it', (file) => {
  const schema = schemas[messageOf(file)]
  if (!(schema instanceof z.ZodType)) throw new Error(`no schema is called ${messageOf(file)}`)
  const example: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  expect(schema.parse(example)).toEqual(example)
})

test('every message of the API has a golden example', () => {
  const messages = Object.keys(openApiDocument(contract.processorApi, '0').components.schemas).filter(
    (id) => !parts.has(id),
  )
  expect(messages.length).toBeGreaterThan(15)
  expect([...new Set(files.map(messageOf))].sort()).toEqual(messages.sort())
})

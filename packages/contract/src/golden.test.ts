import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import * as federation from './federation/index.ts'
import * as feedback from './feedback/index.ts'
import * as processor from './index.ts'
import { openApiDocument } from './openapi.ts'
import type { Api } from './route.ts'

/** Schemas that only ever stand inside a message. */
const parts = new Set([
  'AlertCounts',
  'AlertValueRow',
  'AnomalyType',
  'CauseKind',
  'ClientId',
  'ClientPrivacy',
  'Comparators',
  'Contribution',
  'DeliveryStatus',
  'DetectorSeverity',
  'Entity',
  'EntityStatus',
  'EntityStream',
  'Evidence',
  'EvidenceKind',
  'FeatureStatus',
  'FeedbackChannel',
  'FeedbackAuditEntry',
  'FederatedModel',
  'FederationBytes',
  'GraphChange',
  'GraphClock',
  'GraphEdge',
  'GraphEnds',
  'GraphNode',
  'GraphOperation',
  'GraphPlacement',
  'Holding',
  'IncidentState',
  'Instant',
  'JudgedEpisode',
  'JudgedFeature',
  'KafkaStatus',
  'Latency',
  'Moved',
  'NetworkShape',
  'NodeKind',
  'NotifiedAlert',
  'PrivacySpent',
  'PublicKey',
  'Question',
  'RootCause',
  'RoundNumber',
  'RoundState',
  'RoundWork',
  'RunName',
  'RunState',
  'RunWork',
  'Score',
  'Severity',
  'SecureParameters',
  'Sha256',
  'SiteStatus',
  'SloAlert',
  'SloBudget',
  'SloStatus',
  'SloWindow',
  'ThresholdChange',
  'ThresholdSource',
  'ThresholdValue',
  'TimelineEntry',
  'Training',
  'TunerStep',
  'TunerPool',
  'TunedEntity',
  'UpdateFinding',
  'UpdateState',
  'VerdictEntry',
  'VerdictValue',
  'Version',
])

const apis: readonly { name: string; api: Api; exports: object; folder: string; atLeast: number }[] = [
  { name: 'processor', api: processor.processorApi, exports: processor, folder: './golden/', atLeast: 16 },
  {
    name: 'federation',
    api: federation.federationApi,
    exports: federation,
    folder: './golden/federation/',
    atLeast: 21,
  },
  {
    name: 'Alertmanager webhook',
    api: feedback.feedbackApi,
    exports: feedback,
    folder: './golden/feedback/',
    atLeast: 20,
  },
]
const messageOf = (file: string) =>
  file.replace(/\..*$/, '').replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
const filesIn = (folder: string) =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

/** By the name in the API, which is not always that of the export. */
const schemas = new Map(
  apis
    .flatMap(({ exports }) => Object.values(exports))
    .concat(processor.Health, processor.Problem)
    .flatMap((value): [string, z.ZodType][] => {
      const id = value instanceof z.ZodType ? value.meta()?.id : undefined
      return value instanceof z.ZodType && id !== undefined ? [[id, value]] : []
    }),
)

const examples = apis.flatMap(({ folder }) => filesIn(folder).map((file) => `${folder}${file}`))
test.each(examples)('%s is what its schema says, and nothing is lost on the way through it', (path) => {
  const message = messageOf(path.replace(/^.*\//, ''))
  const schema = schemas.get(message)
  if (schema === undefined) throw new Error(`no schema is called ${message}`)
  const example: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
  expect(schema.parse(example)).toEqual(example)
})

test.each(apis)('every message of the API of $name has a golden example', ({ api, folder, atLeast }) => {
  const messages = Object.keys(openApiDocument(api, '0').components.schemas).filter(
    (id) => !parts.has(id) && (folder === './golden/' || !['Health', 'Problem'].includes(id)),
  )
  expect(messages.length).toBeGreaterThanOrEqual(atLeast)
  expect([...new Set(filesIn(folder).map(messageOf))].sort()).toEqual(messages.sort())
})

import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { chartFiles, manifests } from '../../scripts/kubernetes.mjs'
import { ROOT } from '../harness/compose.ts'
import { hasSchemas, schemasNeed, withSchemas } from '../harness/kubernetes-schemas.ts'

const VERSIONS = ['1.28', '1.32', '1.37']
const folder = join(ROOT, 'provisioning/kubernetes')
const files = globSync(join(folder, 'manifests/*.yaml')).toSorted()
const helm = process.env['HELM'] ?? 'helm'
const works = (program: string, ...args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0
const withHelm = works(helm, 'version')
const schemas = hasSchemas()

const Container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).default([]),
  securityContext: z.looseObject({}),
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({}) }),
})
const Pod = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  securityContext: z.looseObject({}),
  containers: z.array(Container),
  volumes: z.array(z.looseObject({ name: z.string() })),
})
const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.unknown().optional(),
})
const documentsOf = (file: string) =>
  parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => z.union([Manifest, z.null()]).parse(document.toJS()))
    .filter((document) => document !== null)
const pods = files.flatMap((file) =>
  documentsOf(file)
    .filter(({ kind }) => ['StatefulSet', 'Deployment', 'DaemonSet'].includes(kind))
    .map(({ kind, spec }) => ({
      kind,
      pod: z.looseObject({ template: z.looseObject({ spec: Pod }) }).parse(spec).template.spec,
    })),
)

test('the files of the chart are those of the folders that they come from', () => {
  for (const [path, text] of chartFiles(ROOT)) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text)
})

test('every pod but the agent on the node is as the level "restricted" of PodSecurity asks', () => {
  const restricted = pods.filter(({ kind }) => kind !== 'DaemonSet')
  expect(restricted.length).toBeGreaterThan(5)
  for (const { pod } of restricted) {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    for (const volume of pod.volumes) expect(volume).not.toHaveProperty('hostPath')
    for (const { securityContext } of pod.containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  }
})

test('an ADF without tokens says so', () => {
  const own = pods.flatMap(({ pod }) => pod.containers).filter(({ name }) => name === 'adf')
  expect(own.filter(({ args }) => !args.includes('--insecure'))).toHaveLength(1)
})

test('the webhook knows every processor that the autoscaler may start', () => {
  const scaled = documentsOf(join(folder, 'manifests/scaled.yaml'))
  const { maxReplicas } = z
    .looseObject({ maxReplicas: z.number() })
    .parse(scaled.find(({ kind }) => kind === 'HorizontalPodAutoscaler')?.spec)
  const text = scaled.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'adf-webhook')
  const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(text)
  const { processors } = z
    .looseObject({ processors: z.array(z.looseObject({ url: z.string() })) })
    .parse(parse(Object.values(data)[0] ?? ''))
  expect(processors.map(({ url }) => url)).toEqual(
    Array.from({ length: maxReplicas }, (_, at) => `http://adf-processor-${at}.adf-processor-pods:8080`),
  )
})

test('members of a group have a name each, one database, and are one processor to the webhook', () => {
  const grouped = documentsOf(join(folder, 'manifests/grouped.yaml'))
  const set = grouped.find(
    ({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'adf-processor',
  )
  const Named = z.looseObject({ name: z.string(), valueFrom: z.unknown().optional() })
  const { env } = z
    .looseObject({ env: z.array(Named) })
    .parse(
      z.looseObject({ template: z.looseObject({ spec: Pod }) }).parse(set?.spec).template.spec.containers[0],
    )
  expect(env).toContainEqual({
    name: 'ADF_KAFKA__MEMBER',
    valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
  })
  expect(env.map(({ name }) => name)).not.toContain('ADF_STORE__SCHEMA')
  const text = grouped.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'adf-webhook')
  const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(text)
  expect(parse(Object.values(data)[0] ?? '')).toMatchObject({
    processors: [{ url: 'http://adf-processor:8080' }],
  })
})

describe.skipIf(!withHelm)(`helm${withHelm ? '' : ' (skipped: helm is not on PATH)'}`, () => {
  test('has nothing to say of the chart, and renders what is in the folder of manifests', () => {
    execFileSync(helm, ['lint', '--strict', '--kube-version', '1.32.0', join(folder, 'adf')], {
      stdio: 'pipe',
    })
    const made = manifests(ROOT, helm)
    expect(made.size).toBe(files.length)
    for (const [path, text] of made) expect(readFileSync(join(ROOT, path), 'utf8'), path).toBe(text)
  })

  test.each([
    ['a key that there is not', ['procesor.replicas=2'], /procesor/],
    ['a digest that is none', ['image.digest=latest'], /digest/],
    ['several processors that nothing shares the load out to', ['processor.replicas=2'], /gateway\.enabled/],
    [
      'an autoscaler that nothing shares the load out for',
      ['processor.autoscaling.enabled=true'],
      /maxReplicas/,
    ],
    ['a group without Kafka', ['processor.group=true'], /kafka\.brokers/],
    [
      'a group to which the agents would send',
      [
        ...['processor.group=true', 'processor.config.kafka.brokers[0]=k:9092', 'existingSecret=adf'],
        'processor.store.url=postgres://a@b/c',
      ],
      /agent\.mode none/,
    ],
    ['a database without a password', ['processor.store.url=postgres://a@b/c'], /existingSecret/],
  ])('refuses %s', (_what, values, message) => {
    const set = values.flatMap((value) => ['--set', value])
    const { status, stderr } = spawnSync(
      helm,
      ['template', 'adf', join(folder, 'adf'), '--kube-version', '1.32.0', ...set],
      { encoding: 'utf8' },
    )
    expect(status).not.toBe(0)
    expect(stderr).toMatch(message)
  })
})

const Answer = z.object({ valid: z.number(), skipped: z.number(), faults: z.array(z.string()) })
const missing = schemas ? '' : ` (skipped: ${schemasNeed})`
describe.skipIf(!schemas)(`the schemas of Kubernetes ${VERSIONS.join(', ')}${missing}`, () => {
  test('accept every manifest', () => {
    const program = join(ROOT, 'test/harness/kubernetes-validate.py')
    const answer = execFileSync('python3', [program, VERSIONS.join(','), ...files], {
      encoding: 'utf8',
      env: withSchemas,
    })
    const { valid, skipped, faults } = Answer.parse(JSON.parse(answer))
    expect(faults).toEqual([])
    // Custom resources: three ServiceMonitors and a PrometheusRule; a collector and an Instrumentation.
    expect({ valid, skipped }).toEqual({ valid: 63 * VERSIONS.length, skipped: 6 })
  })
})

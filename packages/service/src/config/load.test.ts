import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, type ConfigFault } from './fault.ts'
import { listener } from './listener.ts'
import { loadConfig } from './load.ts'
import { bytes, duration } from './scalars.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const Example = z.strictObject({
  api: listener(8080),
  edge: z
    .strictObject({
      window: duration('10s', { min: '1s', max: '10m' }),
      detection: z.strictObject({ initial_threshold: z.number().min(0).max(1).default(0.8) }).prefault({}),
      detectors: z.array(z.enum(['robust', 'rules'])).default(['robust', 'rules']),
      layers: z.int().default(2).meta({ reserved: true }),
    })
    .prefault({}),
  store: z.strictObject({ path: z.string().default('adf.db'), cache: bytes('64MiB') }).prefault({}),
  slo: z.record(z.string(), z.number()).default({}),
  tokens: z.array(z.strictObject({ name: z.string(), sha256: z.string() })).default([]),
})

let files = 0
function file(text: string): string {
  const path = join(folder, `adf-${files++}.yaml`)
  writeFileSync(path, text)
  return path
}

function faultsOf(options: Parameters<typeof loadConfig>[1]): readonly ConfigFault[] {
  try {
    loadConfig(Example, options)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  throw new Error('no fault was found')
}

test('defaults need no file at all', () => {
  const { config, warnings, sources } = loadConfig(Example)
  expect(config.edge).toMatchObject({ window: 10_000, detection: { initial_threshold: 0.8 } })
  expect(config.store.cache).toBe(64 * 2 ** 20)
  expect(warnings).toEqual([])
  expect(sources.size).toBe(0)
})

test('flags win over the environment, the environment over the file, key by key', () => {
  const path = file(
    'edge: {window: 20s, detection: {initial_threshold: 0.5}, detectors: [rules]}\nstore: {path: x.db}\n',
  )
  const { config, sources } = loadConfig(Example, {
    file: path,
    env: {
      ADF_EDGE__DETECTION__INITIAL_THRESHOLD: '0.6',
      ADF_EDGE__WINDOW: '30s',
      ADF_EDGE__DETECTORS: '[robust]',
    },
    set: ['edge.window=40s'],
  })
  expect(config.edge).toMatchObject({
    window: 40_000,
    detection: { initial_threshold: 0.6 },
    detectors: ['robust'],
  })
  expect(config.store.path).toBe('x.db')
  expect(Object.fromEntries(sources)).toEqual({
    'edge.window': '--set',
    'edge.detection.initial_threshold': 'ADF_EDGE__DETECTION__INITIAL_THRESHOLD',
    'edge.detectors': 'ADF_EDGE__DETECTORS',
    'store.path': `${path}:2`,
  })
})

test('a fault says nothing of what was written, which may be a credential', () => {
  const faults = faultsOf({
    set: ['tokens=[{name: a, sha256: s3cret'],
    env: { ADF_TOKENS: '[{token: "s3cret]' },
  })
  expect(faults.length).toBeGreaterThanOrEqual(2)
  expect(JSON.stringify(faults)).not.toContain('s3cret')
})

test('maps are merged key by key over the places', () => {
  const { config } = loadConfig(Example, {
    file: file('slo: {cart: 0.9, pay: 0.99}\n'),
    env: { ADF_SLO: '{pay: 0.95}' },
    set: ['slo.ship=0.5'],
  })
  expect(config.slo).toEqual({ cart: 0.9, pay: 0.95, ship: 0.5 })
})

test('ADF_CONFIG names the file, unless a flag does', () => {
  const env = { ADF_CONFIG: file('store: {path: from-variable.db}\n') }
  expect(loadConfig(Example, { env }).config.store.path).toBe('from-variable.db')
  const flag = file('store: {path: from-flag.db}\n')
  expect(loadConfig(Example, { env, file: flag }).config.store.path).toBe('from-flag.db')
})

test('text stays text and an empty value says nothing', () => {
  const env = { ADF_STORE__PATH: '2024', ADF_EDGE__WINDOW: '' }
  expect(loadConfig(Example, { env, set: ['tokens=[{name: a, sha256: "1"}]'] }).config).toMatchObject({
    store: { path: '2024' },
    edge: { window: 10_000 },
    tokens: [{ name: 'a', sha256: '1' }],
  })
  expect(loadConfig(Example, { env: { ADF_STORE__PATH: ':memory:' } }).config.store.path).toBe(':memory:')
  expect(loadConfig(Example, { file: file('edge:\nstore:\n') }).config.store.path).toBe('adf.db')
})

test('every fault of every place is listed at once, with its line', () => {
  const path = file(
    [
      'edge:',
      '  windw: 20s',
      '  detection:',
      '    initial_threshold: 2',
      '  detectors: [robots]',
      'tokens:',
      '  - name: x',
    ].join('\n'),
  )
  const faults = faultsOf({
    file: path,
    env: { ADF_EDGE__WINDOW: 'soon', ADF_NOTHING__HERE: '1' },
    set: ['api.port=70000', 'nonsense'],
  })
  const told = faults.map(({ path: key, source }) => `${source} ${key}`).sort()
  expect(told).toEqual(
    [
      `${path}:2 edge.windw`,
      `${path}:4 edge.detection.initial_threshold`,
      `${path}:5 edge.detectors[0]`,
      `${path}:7 tokens[0].sha256`,
      'ADF_EDGE__WINDOW edge.window',
      'ADF_NOTHING__HERE ',
      '--set api.port',
      '--set nonsense ',
    ].sort(),
  )
  expect(faults.find(({ path: key }) => key === 'tokens[0].sha256')?.message).toBe('is required')
})

test.each([
  [{ set: ['edge.windw=1s'] }, 'unknown key, did you mean edge.window?'],
  [{ set: ['window=1s'] }, 'unknown key, did you mean edge.window?'],
  [{ set: ['zzzzzzz=1s'] }, 'unknown key'],
  [{ set: ['tokens.0.name=x'] }, "tokens is a list: set it whole, such as '[a, b]'"],
  [{ set: ['slo.__proto__=1'] }, 'unknown key'],
  [{ env: { ADF_EDGE_WINDOW: '1s' } }, 'names no key of the configuration, did you mean ADF_EDGE__WINDOW?'],
  [{ env: { ADF_STOR__PATH: 'x' } }, 'names no key of the configuration, did you mean ADF_STORE__PATH?'],
  [{ env: { ADF_EDGE__WINDO: '1s' } }, 'unknown key, did you mean edge.window?'],
  [{ set: ['edge.window={'] }, /^not a YAML value: /],
  [{ set: ['edge.window=[1]'] }, 'expected a duration such as 250ms, 10s or 5m'],
  [{ set: ['edge.window=1ms'] }, 'must be from 1s to 10m, got "1ms"'],
  [{ set: ['store.cache=lots'] }, 'expected a size such as 64MiB, got "lots"'],
] as const)('%j is told as a fault', (options, message) => {
  const faults = faultsOf('set' in options ? { set: [...options.set] } : { env: { ...options.env } })
  expect(faults).toHaveLength(1)
  expect(faults[0]?.message).toMatch(message)
})

test.each([
  ['a: [1\nb: 2\n', 2],
  ['edge: {}\nedge: {}\n', 2],
  ['- a list\n', 1],
])('a file that is no configuration is named with its line: %j', (text, line) => {
  const path = file(text)
  expect(faultsOf({ file: path })[0]?.source).toBe(`${path}:${line}`)
})

test('a file that is not there is a fault, and so are its companions', () => {
  const missing = join(folder, 'missing.yaml')
  const faults = faultsOf({ file: missing, set: ['store.pth=x'] })
  expect(faults.map(({ source, message }) => [source, message])).toEqual([
    [missing, 'there is no such file'],
    ['--set', 'unknown key, did you mean store.path?'],
  ])
})

test('a value under an alias bomb does not take the process down', () => {
  const layers = ['a: &a [1,1,1,1,1,1,1,1,1]']
  for (const [below, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map((pair) => [...pair])) {
    layers.push(
      `${name}: &${name} [*${below},*${below},*${below},*${below},*${below},*${below},*${below},*${below}]`,
    )
  }
  const path = file(layers.join('\n'))
  expect(faultsOf({ file: path }).map(({ message }) => message)[0]).toMatch(/alias/i)
})

test('variables that Kubernetes sets for a service called adf do not stop the start', () => {
  const env = {
    ADF_SERVICE_HOST: '10.0.0.1',
    ADF_SERVICE_PORT: '8080',
    ADF_SERVICE_PORT_OTLP_GRPC: '4317',
    ADF_PORT: 'tcp://10.0.0.1:8080',
    ADF_PORT_8080_TCP_ADDR: '10.0.0.1',
    ADF_PROCESSOR_PORT_4317_TCP: 'tcp://10.0.0.1:4317',
  }
  expect(loadConfig(Example, { env }).config.api.port).toBe(8080)
  expect(faultsOf({ env: { ADF_API_PORT: '80' } })[0]?.message).toContain('ADF_API__PORT')
})

test('a reserved key is accepted with a warning that names it and its place', () => {
  const { config, warnings } = loadConfig(Example, { set: ['edge.layers=4'] })
  expect(config.edge.layers).toBe(4)
  expect(warnings).toEqual([
    '--set: edge.layers is reserved for a part that this version does not have; it has no effect',
  ])
})

test('the message of the error has every fault in it', () => {
  expect(() => loadConfig(Example, { set: ['edge.window=x', 'api.port=-1'] })).toThrow(
    /^configuration has 2 faults:\n {2}--set: api\.port: .+\n {2}--set: edge\.window: .+$/,
  )
})

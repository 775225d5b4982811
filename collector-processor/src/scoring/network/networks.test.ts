import { initialWeights, networkSpec, normal, seeded } from '@adf/detectors'
import { afterEach, expect, it, vi } from 'vitest'
import { MemoryStates, makeEngine } from '../testing/engine.ts'
import type { FeatureVector, StreamSpec } from '../vector.ts'
import { RUN, Runs } from './runs.ts'

const stream: StreamSpec = {
  name: 'machines',
  entityKind: 'event',
  features: ['a', 'b', 'c', 'd'].map((name) => ({ name, unit: '', direction: 'both' })),
}
const machineOf = (id: string) => ({ id, kind: 'event' }) as const

/** Two hidden causes move four features. */
function machine(id: string, seed: number) {
  const rng = seeded(seed)
  let timeMs = 0
  return (): FeatureVector => {
    const [x, y] = [normal(rng), normal(rng)]
    timeMs += 60_000
    const values = Float64Array.of(x, y, x + y, x - y).map((value) => 50 + 5 * value + 0.1 * normal(rng))
    return { stream, entity: machineOf(id), timeMs, arrivalMs: timeMs, values }
  }
}
/** Each value by itself is usual, together they never are. */
const apart = (vector: FeatureVector): FeatureVector => ({
  ...vector,
  values: Float64Array.of(55, 55, 43, 57),
})

const engines: ReturnType<typeof makeEngine>['engine'][] = []
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()))
})

async function started(states: MemoryStates) {
  const made = makeEngine(
    { detectors: ['autoencoder', 'robust'], training: 'worker', initialThreshold: 0.5 },
    { states },
  )
  engines.push(made.engine)
  await made.engine.start()
  return made
}
const done = (kind: string) => `adf_training_jobs_total{kind="${kind}",outcome="done"}`

it('a network is trained on the stream, shared by its entities, judges, and is there after a restart', async () => {
  const states = new MemoryStates()
  const { engine, registry } = await started(states)
  const machines = [machine('m1', 1), machine('m2', 2), machine('m3', 3)]
  const feed = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) {
      for (const next of machines) engine.score(next())
      if (i % 50 === 0) await new Promise(setImmediate)
    }
  }
  for (const id of ['m1', 'm2', 'm3']) await engine.restore(stream, machineOf(id))
  await feed(200)
  await vi.waitFor(() => expect(engine.counts().ready).toBe(3), 20_000)
  await feed(4 * RUN)
  await vi.waitFor(async () => expect(await registry.metrics()).toContain(done('network')), 60_000)
  expect(engine.assess(apart(machines[0]!()))).toMatchObject({ anomalous: false })
  const sees = async () => {
    await feed(20)
    const scored = engine.assess(apart(machines[0]!()))
    expect(scored).toMatchObject({ anomalous: true, detector: 'autoencoder', seenBy: ['autoencoder'] })
    return scored?.score
  }
  await vi.waitFor(sees, 60_000)
  expect(await registry.metrics()).toMatch(/detector_reconstruction_error\{model="autoencoder"\} 0\.\d+/)
  await engine.save()
  expect(states.rows.has('autoencoder of machines ')).toBe(true)

  const again = await started(states)
  expect(await again.engine.restore(stream, machineOf('m1'))).toBe(true)
  const odd = apart(machines[0]!())
  expect(again.engine.assess(odd)?.score).toBe(engine.assess(odd)?.score)
}, 120_000)

it('damaged weights are refused, told, and do not keep entities from being scored', async () => {
  const states = new MemoryStates()
  states.rows.set('autoencoder of machines ', Uint8Array.of(1, 2, 3, 4, 5))
  const { engine, warnings, registry } = await started(states)
  await engine.restore(stream, machineOf('m1'))
  expect(warnings.join()).toContain('the autoencoder of machines could not be read')
  expect(await registry.metrics()).toContain('adf_detector_state_failures_total{operation="load"} 1')
  const next = machine('m1', 1)
  for (let i = 0; i < 200; i++) engine.score(next())
  await vi.waitFor(() => expect(engine.score(next())).toBeDefined(), 20_000)
})

it('runs are whole, normal, the latest, and of several entities', () => {
  const runs = new Runs(1, false)
  for (let i = 0; i < 159; i++) runs.add('a', Float64Array.of(i))
  runs.cut('a')
  for (let i = 0; i < RUN; i++) for (const id of ['a', 'b']) runs.add(id, Float64Array.of(i))
  expect(runs.gathered).toBe(2 * RUN)
  expect(runs.take().map((run) => [run.length, run[0], run.at(-1)])).toEqual([
    [RUN, 0, RUN - 1],
    [RUN, 0, RUN - 1],
  ])
  expect(runs.gathered).toBe(0)
  for (let i = 0; i < 100 * RUN; i++) runs.add('c', Float64Array.of(i))
  expect(runs.take()).toHaveLength(64)
})

it('keeps what came well before an anomaly, when it is long enough', () => {
  const runs = new Runs(1, false)
  const add = (from: number, to: number) => {
    for (let i = from; i < to; i++) runs.add('a', Float64Array.of(i))
  }
  add(0, 300)
  runs.cut('a')
  expect(runs.gathered).toBe(268)
  add(300, 459)
  runs.cut('a')
  add(459, 619)
  runs.cut('a')
  expect(runs.take().map((run) => [run[0], run.at(-1)])).toEqual([
    [0, 267],
    [459, 586],
  ])
})

it('one run in five is held out, of every entity, and never trained on', () => {
  const runs = new Runs(1, true)
  const entities = ['a', 'b', 'c', 'd', 'e']
  for (let turn = 0; turn < 20; turn++)
    for (const [place, id] of entities.entries())
      for (let i = 0; i < RUN; i++) runs.add(id, Float64Array.of(100 * turn + place))
  const { training, heldOut } = runs
  expect([training.length, heldOut.length]).toEqual([51, 13])
  const marks = (kept: readonly Float64Array[]) => kept.map((run) => run[0]!)
  expect(marks(training).filter((mark) => marks(heldOut).includes(mark))).toEqual([])
  expect(new Set(marks(heldOut).map((mark) => mark % 100)).size).toBe(5)
  const before = marks(heldOut)
  for (let i = 0; i < 2 * RUN; i++) runs.add('a', Float64Array.of(9999))
  expect(marks(runs.training)).not.toContain(before.at(-1))
})

it('weights from elsewhere judge from now on and after a restart, and what was learned stays', async () => {
  const states = new MemoryStates()
  const { engine } = await started(states)
  expect((await engine.networks(stream)).map(({ name, weights }) => [name, weights])).toEqual([
    ['autoencoder', undefined],
  ])
  const next = machine('m1', 1)
  await engine.restore(stream, machineOf('m1'))
  for (let i = 0; i < 200; i++) engine.score(next())
  await vi.waitFor(() => expect(engine.counts().ready).toBe(1), 20_000)
  const [shared] = await engine.networks(stream)
  const learned = engine.inspect('machines', 'm1')?.learned
  const weights = initialWeights(shared!.network, 3)
  await shared!.adopt(weights)
  expect(shared!.weights).toBe(weights)
  expect(engine.inspect('machines', 'm1')).toMatchObject({ ready: true, learned })
  const again = await started(states)
  expect((await again.engine.networks(stream))[0]?.weights?.hash).toBe(weights.hash)
  const other = initialWeights(networkSpec('autoencoder', 3), 3)
  await expect(shared!.adopt(other)).rejects.toThrow(RangeError)
  expect(shared!.weights).toBe(weights)
})

import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { MemoryStates, makeEngine } from './testing/engine.ts'
import { SimulatedService, simulatedStream } from './testing/simulated-service.ts'

const traffic = { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0 }
const entity = { id: 'shop', kind: 'service', service: 'shop' } as const
const vectors = (count: number) => {
  const service = new SimulatedService('shop', traffic, seeded(11))
  return Array.from({ length: count }, () => service.next())
}

async function started(states: MemoryStates, options = {}) {
  const made = makeEngine(options, { states })
  await made.engine.start()
  return made
}

describe('an entity that is forgotten', () => {
  it('is saved once it was judged, and comes back as it was', async () => {
    const all = vectors(1600)
    const whole = makeEngine().engine
    const expected = all.map((vector) => whole.score(vector)?.score)
    const states = new MemoryStates()
    const { engine } = await started(states)
    await engine.restore(simulatedStream, entity)
    const scores = all.map((vector, at) => {
      if (at !== 1000) return engine.score(vector)?.score
      engine.forget('shop')
      return undefined
    })
    expect(scores.slice(0, 1000)).toEqual(expected.slice(0, 1000))
    expect(states.rows.size).toBe(1)
    expect(engine.counts().total).toBe(1)
    await engine.stop()
  })

  it('that went silent is held no longer once it is saved, and goes on where it was when it comes back', async () => {
    const all = vectors(1600)
    const whole = makeEngine().engine
    const expected = all.map((vector) => whole.score(vector)?.score)
    const states = new MemoryStates()
    const { engine } = await started(states, { staleAfterMs: 60_000 })
    await engine.restore(simulatedStream, entity)
    const before = all.slice(0, 800).map((vector) => engine.score(vector)?.score)
    await engine.save()
    expect(engine.counts().total).toBe(1)
    const other = { id: 'other', kind: 'service', service: 'other' } as const
    await engine.restore(simulatedStream, other)
    engine.score({ ...all[0]!, entity: other, timeMs: all[799]!.timeMs + 181_000 })
    await engine.save()
    expect(engine.counts().total).toBe(1)
    expect(await engine.restore(simulatedStream, entity)).toBe(true)
    const after = all.slice(800).map((vector) => engine.score(vector)?.score)
    expect([...before, ...after]).toEqual(expected)
    await engine.stop()
  })

  it('is held while its first vector waits, be it that a save comes before that is scored', async () => {
    const states = new MemoryStates()
    const { engine } = await started(states, { staleAfterMs: 60_000 })
    const vector = { ...vectors(1)[0]!, timeMs: 1.8e12 }
    const other = { id: 'other', kind: 'service', service: 'other' } as const
    await engine.restore(simulatedStream, other)
    engine.score({ ...vector, entity: other })
    expect(engine.loads(vector)).toBe(true)
    await engine.restore(simulatedStream, entity)
    await engine.save()
    expect(engine.loads(vector)).toBe(false)
    await engine.stop()
  })

  it('is not saved before', async () => {
    const states = new MemoryStates()
    const { engine } = await started(states)
    for (const vector of vectors(100)) engine.score(vector)
    engine.forget('shop')
    engine.forget('nobody')
    await engine.stop()
    expect(states.rows.size).toBe(0)
    expect(engine.counts().total).toBe(0)
  })
})

describe('learned state', () => {
  it.each([150, 350, 1234])(
    'comes back after a restart at vector %i: scores are bit-identical',
    async (cut) => {
      const all = vectors(1600)
      const whole = makeEngine().engine
      const expected = all.map((vector) => whole.score(vector)?.score)

      const states = new MemoryStates()
      const first = await started(states)
      await first.engine.restore(simulatedStream, entity)
      const before = all.slice(0, cut).map((vector) => first.engine.score(vector)?.score)
      await first.engine.stop()
      const second = await started(states)
      expect(await second.engine.restore(simulatedStream, entity)).toBe(true)
      const after = all.slice(cut).map((vector) => second.engine.score(vector)?.score)
      expect([...before, ...after]).toEqual(expected)
      await second.engine.stop()
    },
  )

  it.each(['windows', 'events of a log'])(
    '%s that are read again after a crash are not scored again, and those after them as if none had been',
    async (kind) => {
      const stream = {
        ...simulatedStream,
        entityKind: kind === 'windows' ? simulatedStream.entityKind : 'event',
      } as const
      const all = vectors(1600).map((vector, offset) =>
        kind === 'windows'
          ? vector
          : {
              ...vector,
              stream,
              origin: { source: 'topic/0', offset: offset >> 1, index: offset & 1, atMs: 0 },
            },
      )
      const whole = makeEngine().engine
      const expected = all.map((vector) => whole.score(vector)?.score)

      const states = new MemoryStates()
      const first = await started(states, { readsAgain: true })
      await first.engine.restore(stream, entity)
      for (const vector of all.slice(0, 1000)) first.engine.score(vector)
      await first.engine.saveAll()
      // What came after the save is lost with the process.
      for (const vector of all.slice(1000, 1100)) first.engine.score(vector)
      const { engine, registry } = await started(states, { readsAgain: true })
      await engine.restore(stream, entity)
      const again = all.slice(900).map((vector) => engine.score(vector)?.score)
      expect(again.slice(0, 100).every((score) => score === undefined)).toBe(true)
      expect(again.slice(100)).toEqual(expected.slice(1000))
      expect(await registry.metrics()).toContain('adf_vectors_skipped_total{reason="scored_before"} 100')
      await engine.stop()
    },
  )

  it('is looked for at the first vector of an unknown entity, without a new warm-up', async () => {
    const states = new MemoryStates()
    const [a, b] = [vectors(500), vectors(502).slice(500)]
    const first = await started(states)
    await first.engine.restore(simulatedStream, entity)
    for (const vector of a) first.engine.score(vector)
    await first.engine.stop()
    const second = await started(states)
    expect(second.engine.score(b[0]!)).toBeUndefined()
    await new Promise(setImmediate)
    expect(second.engine.score(b[1]!)).toBeDefined()
    await second.engine.stop()
  })

  it('is refused when corrupt, counted, and learned anew', async () => {
    const states = new MemoryStates()
    const first = await started(states)
    await first.engine.restore(simulatedStream, entity)
    for (const vector of vectors(500)) first.engine.score(vector)
    await first.engine.stop()
    const [key, bytes] = [...states.rows][0]!
    states.rows.set(
      key,
      bytes.map((byte, i) => (i === 999 ? byte ^ 1 : byte)),
    )

    const { engine, registry, warnings } = await started(states)
    expect(await engine.restore(simulatedStream, entity)).toBe(false)
    expect(warnings.join()).toContain('refused')
    expect(await registry.metrics()).toContain('adf_detector_states_refused_total{reason="corrupt"} 1')
    const scored = vectors(300).map((vector) => engine.score(vector))
    expect(scored.slice(0, 200).every((s) => s === undefined)).toBe(true)
    expect(scored.slice(200).every((s) => s !== undefined)).toBe(true)
    await engine.stop()
  })

  it('of another feature list or another warm-up is refused as foreign', async () => {
    const states = new MemoryStates()
    const first = await started(states)
    await first.engine.restore(simulatedStream, entity)
    for (const vector of vectors(300)) first.engine.score(vector)
    await first.engine.stop()
    const fewer = { ...simulatedStream, features: simulatedStream.features.slice(1) }
    for (const [stream, options] of [
      [fewer, {}],
      [simulatedStream, { warmUp: 300 }],
    ] as const) {
      const { engine, registry } = await started(states, options)
      expect(await engine.restore(stream, entity)).toBe(false)
      expect(await registry.metrics()).toContain('adf_detector_states_refused_total{reason="foreign"} 1')
    }
  })

  it('is saved once per change', async () => {
    const states = new MemoryStates()
    let saved = 0
    const { engine } = makeEngine(
      {},
      {
        states: {
          load: (stream, id) => states.load(stream, id),
          saveMany: async (rows) => {
            saved += rows.length
            return []
          },
        },
      },
    )
    await engine.restore(simulatedStream, entity)
    for (const vector of vectors(10)) engine.score(vector)
    await engine.save()
    await engine.save()
    expect(saved).toBe(1)
  })

  it('that cannot be saved is told, counted and saved the next time', async () => {
    let broken = true
    const rows: string[] = []
    const { engine, registry, warnings } = makeEngine(
      {},
      {
        states: {
          load: async () => undefined,
          saveMany: async (more) => {
            if (broken) throw new Error('disk full')
            rows.push(...more.map((row) => row.entityId))
            return []
          },
        },
      },
    )
    await engine.restore(simulatedStream, entity)
    for (const vector of vectors(10)) engine.score(vector)
    await engine.save()
    expect(warnings).toHaveLength(1)
    expect(await registry.metrics()).toContain('adf_detector_state_failures_total{operation="save"} 1')
    broken = false
    await engine.save()
    expect(rows).toEqual(['shop'])
  })

  it('of an entity of 19 features takes less than 40 KB', async () => {
    const states = new MemoryStates()
    const { engine } = makeEngine({}, { states })
    const rng = seeded(3)
    const features = Array.from({ length: 19 }, (_, i) => ({
      name: `f${i}`,
      unit: '',
      direction: 'both' as const,
    }))
    const stream = { name: 'wide', entityKind: 'service' as const, features }
    await engine.restore(stream, entity)
    for (let i = 0; i < 3000; i++)
      engine.score({
        stream,
        entity,
        timeMs: i,
        arrivalMs: i,
        values: Float64Array.from(features, () => normal(rng)),
      })
    await engine.save()
    const [bytes] = [...states.rows.values()]
    expect(bytes?.length).toBeLessThan(40_000)
  })
})

import { seeded, type TrainingJob, type TrainingResult, train } from '@adf/detectors'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeEngine } from '../testing/engine.ts'
import { SimulatedService } from '../testing/simulated-service.ts'
import { WorkerTrainer } from './worker-trainer.ts'

const job = (samples: Float64Array): TrainingJob => ({
  kind: 'refit',
  scores: [samples],
  fits: [{ expectedScale: 0.5 }],
})
const raw = () => Float64Array.from({ length: 300 }, seeded(1))
let trainer: WorkerTrainer | undefined
afterEach(() => trainer?.stop())

const run = (t: WorkerTrainer, samples: Float64Array) =>
  new Promise<TrainingResult | undefined>((resolve) => t.submit(job(samples), resolve))

describe('WorkerTrainer', () => {
  it('gives what inline training gives', async () => {
    trainer = new WorkerTrainer(() => {})
    await trainer.start()
    expect(await run(trainer, raw())).toEqual(train(job(raw())))
  })

  it('loses the jobs of a thread that died, tells, and goes on in a new one', async () => {
    const deaths: (Error | undefined)[] = []
    trainer = new WorkerTrainer((error) => deaths.push(error))
    await trainer.start()
    // No raw scores at all: the fit throws, which ends the thread.
    expect(await run(trainer, new Float64Array(0))).toBeUndefined()
    await vi.waitFor(() => expect(deaths).toHaveLength(1))
    expect(deaths[0]?.message).toContain('at least one raw score')
    const again = trainer
    await vi.waitFor(async () => expect(await run(again, raw())).toBeDefined(), { timeout: 5000 })
  })

  it('turns jobs away before start and after stop', async () => {
    trainer = new WorkerTrainer(() => {})
    expect(await run(trainer, raw())).toBeUndefined()
    await trainer.start()
    const pending = run(trainer, raw())
    await trainer.stop()
    expect(await pending).toBeUndefined()
    expect(await run(trainer, raw())).toBeUndefined()
  })
})

describe('ScoringEngine with the worker', () => {
  it('warms up in the worker and then scores', async () => {
    const { engine, registry } = makeEngine({ training: 'worker' })
    await engine.start()
    const service = new SimulatedService(
      's',
      { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0 },
      seeded(2),
    )
    for (let i = 0; i < 200; i++) expect(engine.score(service.next())).toBeUndefined()
    await vi.waitFor(() => expect(engine.score(service.next())).toBeDefined(), { timeout: 5000 })
    expect(await registry.metrics()).toContain('adf_training_jobs_total{kind="warm_up",outcome="done"} 1')
    await engine.stop()
  })
})

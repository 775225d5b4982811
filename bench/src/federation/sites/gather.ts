import { setTimeout } from 'node:timers/promises'
import { type Feature, History, standardised } from '@adf/detectors'
import { Config, type FeatureVector, ScoringEngine, type StreamSpec, scoringOptions } from '@adf/processor'
import { Registry } from 'prom-client'
import { siteConfig } from './setup.ts'

export interface Gathered {
  readonly training: Float32Array[]
  readonly heldOut: Float32Array[]
}

/** Vectors between two looks at what the training thread has to say, as a processor gets them in requests. */
export const BATCH = 100

/**
 * What a processor with the same configuration trains on when it is fed these vectors: its engine is run on them, so that what it flags,
 * ends a run here as there. The vectors of the warm-up come first, and no more until they are fitted.
 */
export async function gather(
  fed: History,
  stream: StreamSpec,
  features: readonly Feature[],
): Promise<Gathered> {
  const config = Config.parse({
    ...siteConfig(stream.features.map(({ name }) => name)),
    federation: { enabled: true, url: 'http://127.0.0.1', token: 'none' },
  })
  const warnings: unknown[] = []
  const options = scoringOptions(config)
  const engine = new ScoringEngine(options, {
    registry: new Registry(),
    thresholds: { all: async () => [], version: async () => 0, since: async () => [] },
    warn: (message, error) => warnings.push(message, error),
  })
  await engine.start()
  try {
    const entity = { id: 'machine', kind: stream.entityKind } as const
    for (let row = 0; row < fed.count; row++) {
      const timeMs = fed.timesMs[row]!
      const vector: FeatureVector = {
        stream,
        entity,
        timeMs,
        arrivalMs: timeMs,
        values: fed.row(row).slice(),
      }
      engine.score(vector)
      if (row + 1 === options.warmUp) while (engine.counts().ready === 0) await setTimeout(10)
      if ((row + 1) % BATCH === 0) await setTimeout(1)
    }
    const network = (await engine.networks(stream)).find(({ name }) => name === 'lstm')
    if (network === undefined) throw new Error(`the engine has no lstm: ${warnings.join(', ')}`)
    const { training, heldOut } = network.runs()
    const prepared = (runs: readonly Float64Array[]) =>
      runs.map((run) =>
        standardised(
          features,
          new History(features.length, run, new Float64Array(run.length / features.length)),
        ),
      )
    return { training: prepared(training), heldOut: prepared(heldOut) }
  } finally {
    await engine.stop()
  }
}

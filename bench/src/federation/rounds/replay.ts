import { setTimeout } from 'node:timers/promises'
import { EventsAnswer } from '@adf/contract'
import type { RunningAdf } from '../../../../test/harness/adf.ts'
import { until } from '../../../../test/harness/process.ts'
import { BATCH } from '../sites/gather.ts'
import { ENTITY, STREAM } from '../sites/setup.ts'
import type { Site } from '../sites/site.ts'

/** The default of a processor. */
const WARM_UP = 200
/** Events of a request. */
const REQUEST = 10 * BATCH
const WAIT_MS = 120_000

/**
 * Feeds a processor the vectors of a site as events, as fast as it takes them. Until its entity is begun vectors are not learned, and while
 * the warm-up is fitted they are scored by nobody: the first is sent until it is learned, and no more than the warm-up until that is done.
 */
export async function replay(processor: RunningAdf, { fed }: Site): Promise<void> {
  const post = async (from: number, to: number) => {
    const answer = await fetch(`${processor.api}/api/events/${STREAM}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(
        Array.from({ length: to - from }, (_, i) => eventOf(fed.row(from + i), fed.timesMs[from + i]!)),
      ),
    })
    const { accepted, rejected } = EventsAnswer.parse(await answer.json())
    if (accepted !== to - from || rejected !== 0)
      throw new Error(`of ${to - from} events ${accepted} were taken and ${rejected} refused`)
  }
  const skipped = (reason: string) => processor.metric('adf_vectors_skipped_total', { reason })
  const learned = () => skipped('warming_up')
  const done = async () => (await learned()) + (await processor.metric('adf_vectors_scored_total'))
  await until(
    'the first vector learned',
    async () => {
      await post(0, 1)
      const loading = await skipped('loading')
      await until(
        'it to be looked at',
        async () => (await learned()) === 1 || (await skipped('loading')) > loading,
      )
      return (await learned()) === 1
    },
    WAIT_MS,
  )
  await post(1, WARM_UP)
  const warmed = () => processor.metric('adf_training_jobs_total', { kind: 'warm_up', outcome: 'done' })
  await until('the warm-up', async () => (await warmed()) === 1, WAIT_MS)
  for (let from = WARM_UP; from < fed.count; from += REQUEST) {
    const to = Math.min(fed.count, from + REQUEST)
    await post(from, to)
    await until(`${to} vectors`, async () => (await done()) >= to, WAIT_MS)
    await setTimeout(1)
  }
}

const eventOf = (values: Float64Array, timeMs: number) => ({
  [ENTITY]: 'machine',
  timestamp: timeMs,
  ...Object.fromEntries(Array.from(values, (value, column) => [`f${column}`, value])),
})

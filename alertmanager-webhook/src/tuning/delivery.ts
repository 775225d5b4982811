import type { TunerStep } from '@adf/contract/feedback'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'

/** What came of telling a processor of a step. */
export type Delivered =
  | { readonly kind: 'applied'; readonly version: number | null }
  /** It will not be in effect: somebody else changed or holds the threshold, or the entity is gone. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It is not known whether the processor has it: told again later. */
  | { readonly kind: 'unknown'; readonly error: ProcessorError }

const LONGEST_REASON = 1024

/**
 * Tells the processor of a step, so that it is in effect once, however often it is told: it is taken only over the version that the step
 * was decided on, and a refusal for that is looked into, since the answer to an earlier telling may have been lost.
 */
export async function deliverStep(
  processor: Processor,
  step: TunerStep,
  ifVersion: number,
  signal?: AbortSignal,
): Promise<Delivered> {
  const { stream, entity_id, to } = step
  const reason = step.text.slice(0, LONGEST_REASON)
  try {
    const threshold = await processor.setThreshold(
      { stream, entity_id, value: to, source: 'tuner', reason, if_version: ifVersion },
      signal,
    )
    return { kind: 'applied', version: threshold?.version ?? null }
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof ProcessorError)) throw error
    if (error.retryable) return { kind: 'unknown', error }
    if (error.code !== 'conflict' && error.code !== 'overridden')
      return { kind: 'refused', why: error.message }
    const why = error.code === 'overridden' ? 'an operator holds the threshold' : undefined
    return lookedInto(processor, step, reason, ifVersion, why, signal)
  }
}

async function lookedInto(
  processor: Processor,
  { stream, entity_id, to }: TunerStep,
  reason: string,
  ifVersion: number,
  why: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Delivered> {
  try {
    const { items } = await processor.thresholdHistory({ stream, entity: entity_id, limit: 50 }, signal)
    const later = items.filter(({ version }) => version > ifVersion)
    const ours = later.find(
      (change) => change.source === 'tuner' && change.to === to && change.reason === reason,
    )
    if (ours !== undefined) return { kind: 'applied', version: ours.version }
    const by = later[0]?.by ?? later[0]?.source ?? 'somebody'
    return { kind: 'refused', why: why ?? `${by} changed the threshold meanwhile` }
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof ProcessorError)) throw error
    return { kind: 'unknown', error }
  }
}

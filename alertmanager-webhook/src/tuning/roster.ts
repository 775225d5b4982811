import type { Processor } from '../processor/processor.ts'

/** What has a threshold, and where. */
export interface Place {
  readonly stream: string
  readonly entityId: string
  /** Node of the causal graph; undefined for what is no service. */
  readonly service: string | undefined
  /** The untuned threshold. */
  readonly initial: number
  readonly processor: Processor
}

const PAGE = 500

export const placeKey = (stream: string, entityId: string): string => `${stream}\n${entityId}`

/**
 * The entities that a processor scores, by `placeKey`, at most `most`.
 *
 * @throws ProcessorError
 */
export async function rosterOf(
  processor: Processor,
  most: number,
  signal?: AbortSignal,
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>()
  let cursor: string | undefined
  do {
    const page = await processor.entities({ limit: PAGE, cursor }, signal)
    for (const { entity, streams } of page.items) {
      for (const { stream, initial_threshold } of streams) {
        if (places.size >= most) return places
        places.set(placeKey(stream, entity.id), {
          stream,
          entityId: entity.id,
          service: serviceOf(entity),
          initial: initial_threshold,
          processor,
        })
      }
    }
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return places
}

const serviceOf = ({
  namespace,
  service,
}: {
  namespace?: string | undefined
  service?: string | undefined
}) =>
  service === undefined || namespace === undefined || namespace === '' ? service : `${namespace}/${service}`

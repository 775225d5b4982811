/** What has a threshold of its own. */
export interface Entity {
  readonly stream: string
  readonly id: string
  /** Entities of one kind learn from each other's verdicts: the stream, or what the operator calls alike. */
  readonly kind: string
}

/** The same text for the same entity, another for any other. */
export const entityKey = ({ stream, id }: Pick<Entity, 'stream' | 'id'>): string =>
  JSON.stringify([stream, id])

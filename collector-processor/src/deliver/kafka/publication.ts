/** A message for a topic. Those with the same key come in order. */
interface Outgoing {
  readonly key: string
  readonly value: unknown
}

/** What came after a cursor. */
interface Page {
  readonly messages: readonly Outgoing[]
  /** Of the last entry that was looked at, also of one that is no message. */
  readonly cursor: number
  /** There is more. */
  readonly more: boolean
}

/** A log of the store that is handed on to a topic: entries have cursors that grow. */
export interface Publication {
  readonly topic: string
  page(after: number, limit: number): Promise<Page>
  /** `latest`: of the last entry. Entries up to `oldest` may have been deleted by retention. */
  bounds(): Promise<{ readonly oldest: number; readonly latest: number }>
}

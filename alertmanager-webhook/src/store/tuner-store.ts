import type { TunerStep } from '@adf/contract/feedback'
import type { AuditLine } from './audit-line.ts'
import type { Page, PageQuery } from './page.ts'

/** Whose state it is: of one entity, or of the pool of all entities of a stream. */
export interface TunerKey {
  readonly stream: string
  readonly entityId: string | undefined
}

export interface TunerState extends TunerKey {
  /** JSON, of the tuner's own making. */
  readonly state: string
  readonly updatedMs: number
}

/** A freeze of everything (neither), of a stream, or of one entity. */
export interface Freeze {
  readonly stream: string | undefined
  readonly entityId: string | undefined
  readonly reason: string | undefined
  readonly by: string
  readonly sinceMs: number
}

/** The lease was taken by another: nothing was written. */
export class OutOfTurn extends Error {
  override name = 'OutOfTurn'
}

export interface TunerChange {
  readonly states: readonly TunerState[]
  /** New ones, or later versions of known ones (by id). */
  readonly steps: readonly TunerStep[]
  readonly audit: readonly AuditLine[]
}

export interface TunerStore {
  /** @throws OutOfTurn when the lease `name` has another fence by now */
  change(change: TunerChange, lease: { readonly name: string; readonly fence: number }): Promise<void>
  state(key: TunerKey): Promise<TunerState | undefined>
  /** Of all pools and entities, or those of one stream; by stream and entity, the pool first. */
  states(filter: {
    readonly stream?: string | undefined
    readonly entity?: string | undefined
    readonly limit: number
    readonly cursor?: string | undefined
  }): Promise<Page<TunerState>>
  step(id: string): Promise<TunerStep | undefined>
  steps(
    filter: PageQuery & { readonly stream?: string | undefined; readonly entity?: string | undefined },
  ): Promise<Page<TunerStep>>
  /** Steps with this outcome, oldest first: those that a processor has to be told are `pending`. */
  stepsWith(outcome: TunerStep['outcome'], limit: number): Promise<TunerStep[]>
  freeze(freeze: Freeze, audit: readonly AuditLine[]): Promise<void>
  /** Ends the freeze of exactly this; of everything also those of streams and entities. */
  unfreeze(
    of: { readonly stream: string | undefined; readonly entityId: string | undefined },
    audit: readonly AuditLine[],
  ): Promise<void>
  freezes(): Promise<Freeze[]>
}

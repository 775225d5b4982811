import type { Pace } from './pace.ts'
import { Refusal } from './refusal.ts'

const RETRY_AFTER = 1

/** Bounds the bytes of all requests that are being received or handled, and by them how long one waits. */
export class Admission {
  /** Bytes; what is held already stays when it gets smaller. */
  limit: number
  private used = 0
  private readonly pace: Pace | undefined

  /** @param pace left out: requests may wait */
  constructor(limit: number, pace?: Pace) {
    this.limit = limit
    this.pace = pace
  }

  get bytesInFlight(): number {
    return this.used
  }

  open(): Hold {
    return new Hold(this)
  }

  /** A request that is alone is let in whatever its size, which has a limit of its own: else it could never pass. */
  take(bytes: number, held: number): void {
    this.check(bytes, held)
    this.used += bytes
  }

  /** Throws an `overloaded` refusal when there is no room for so many bytes. */
  check(bytes: number, held: number): void {
    if (this.used === held) return
    const wanted = this.used + bytes
    const full = wanted > this.limit
    if (!full && !(this.pace !== undefined && wanted > this.pace.room())) return
    const reason = full
      ? `${this.limit} bytes of requests are in flight`
      : `it would wait longer than ${(this.pace?.maxWaitMs ?? 0) / 1000} s`
    throw new Refusal('overloaded', `${reason}; send this one again`, { retryAfter: RETRY_AFTER })
  }

  give(bytes: number, refused: boolean): void {
    this.used -= bytes
    if (!refused) this.pace?.handled(bytes)
  }
}

/** What one request holds until it is answered. */
class Hold {
  private readonly admission: Admission
  private bytes = 0
  private refused = false

  constructor(admission: Admission) {
    this.admission = admission
  }

  /** Throws an `overloaded` refusal when there is no room. */
  add(bytes: number): void {
    this.refused = true
    this.admission.take(bytes, this.bytes)
    this.refused = false
    this.bytes += bytes
  }

  /** The same before they are there: what would be refused later need not be read. Nothing is held for it. */
  expect(bytes: number): void {
    this.admission.check(bytes, this.bytes)
  }

  /** Gives back all but so many bytes. */
  keep(bytes: number): void {
    if (this.bytes <= bytes) return
    this.admission.give(this.bytes - bytes, this.refused)
    this.bytes = bytes
  }

  close(): void {
    this.admission.give(this.bytes, this.refused)
    this.bytes = 0
  }
}

export type { Hold }

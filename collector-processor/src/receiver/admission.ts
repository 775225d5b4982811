import { Refusal } from './refusal.ts'

const RETRY_AFTER = 1

/** Bounds the bytes of all requests that are being received or handled. */
export class Admission {
  /** Bytes; what is held already stays when it gets smaller. */
  limit: number
  private used = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get bytesInFlight(): number {
    return this.used
  }

  open(): Hold {
    return new Hold(this)
  }

  /** A request that is alone is let in whatever its size, which has a limit of its own: else it could never pass. */
  take(bytes: number, held: number): void {
    if (this.used + bytes > this.limit && this.used !== held) {
      throw new Refusal('overloaded', `${this.limit} bytes of requests are in flight; send this one again`, {
        retryAfter: RETRY_AFTER,
      })
    }
    this.used += bytes
  }

  give(bytes: number): void {
    this.used -= bytes
  }
}

/** What one request holds until it is answered. */
class Hold {
  private readonly admission: Admission
  private bytes = 0

  constructor(admission: Admission) {
    this.admission = admission
  }

  /** Throws an `overloaded` refusal when there is no room. */
  add(bytes: number): void {
    this.admission.take(bytes, this.bytes)
    this.bytes += bytes
  }

  close(): void {
    this.admission.give(this.bytes)
    this.bytes = 0
  }
}

export type { Hold }

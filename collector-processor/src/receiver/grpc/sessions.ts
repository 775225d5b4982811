import type { Http2Server, Http2Session, ServerHttp2Stream } from 'node:http2'
import type { ConnectionEnd } from '../counters.ts'

/** For the preface and the first settings to come. */
const GREETING_MS = 10_000
/** An answer, which is a few bytes, must be taken within so long. */
const UNREAD_MS = 10_000
/** A connection without a call is given up after so long. */
const IDLE_MS = 30 * 60_000

/** The clock of patience goes on by so much at most between two looks: what is late because this process stood still is no fault of a peer. */
const MOST_MS = 2000

/** How long a peer may keep a connection without using it. */
export interface Patience {
  readonly greetingMs: number
  readonly unreadMs: number
  readonly idleMs: number
}

const PATIENCE: Patience = { greetingMs: GREETING_MS, unreadMs: UNREAD_MS, idleMs: IDLE_MS }

interface Watched {
  readonly session: Http2Session
  /** Calls, with when they were first seen answered. */
  readonly open: Map<ServerHttp2Stream, number>
  greeted: boolean
  /** When a call ended last, or the connection began. */
  movedMs: number
}

/**
 * The connections of a server, and which of them to cut: node:http2 has no bound on how long a peer says nothing, reads nothing or calls nothing. Memory of what it
 * leaves unread is bounded by the number of calls that a connection may have open.
 */
export class Sessions {
  readonly #watched = new Map<Http2Session, Watched>()
  readonly #clock: () => number
  #lookedMs: number
  /** Time in which peers had a chance. */
  #nowMs = 0
  readonly #ended: (reason: ConnectionEnd) => void
  readonly #patience: Patience

  constructor(clock: () => number, ended: (reason: ConnectionEnd) => void, patience: Patience = PATIENCE) {
    this.#clock = clock
    this.#lookedMs = clock()
    this.#ended = ended
    this.#patience = patience
  }

  watch(server: Http2Server): void {
    server.on('session', (session) => this.#add(session))
    server.on('stream', (stream) => this.#opened(stream))
  }

  /** Lets open calls end, and takes no new ones. */
  close(): void {
    for (const session of this.#watched.keys()) session.close()
  }

  /** Ends the connections whose time is over; to be called every second or so. */
  sweep(): void {
    const clockMs = this.#clock()
    this.#nowMs += Math.min(clockMs - this.#lookedMs, MOST_MS)
    this.#lookedMs = clockMs
    const nowMs = this.#nowMs
    const { greetingMs, unreadMs, idleMs } = this.#patience
    for (const { session, open, greeted, movedMs } of this.#watched.values()) {
      if (!greeted && nowMs - movedMs >= greetingMs) this.#cut(session, 'not_http2')
      else if (longestUnreadMs(open, nowMs) >= unreadMs) this.#cut(session, 'unread')
      else if (open.size === 0 && nowMs - movedMs >= idleMs && !session.closed) {
        this.#ended('idle')
        session.close()
      }
    }
  }

  #add(session: Http2Session): void {
    const watched: Watched = {
      session,
      open: new Map(),
      greeted: false,
      movedMs: this.#nowMs,
    }
    this.#watched.set(session, watched)
    session.once('remoteSettings', () => {
      watched.greeted = true
    })
    session.once('close', () => this.#watched.delete(session))
  }

  #opened(stream: ServerHttp2Stream): void {
    const watched = stream.session === undefined ? undefined : this.#watched.get(stream.session)
    if (watched === undefined) return
    watched.open.set(stream, Number.NaN)
    stream.once('close', () => {
      watched.open.delete(stream)
      watched.movedMs = this.#nowMs
    })
  }

  #cut(session: Http2Session, why: ConnectionEnd): void {
    this.#ended(why)
    session.destroy()
  }
}

/** For how long the peer has not taken an answer that is there; notes the new ones. */
function longestUnreadMs(open: Watched['open'], nowMs: number): number {
  let longest = 0
  for (const [stream, sinceMs] of open) {
    if (!stream.writableEnded) continue
    if (Number.isNaN(sinceMs)) open.set(stream, nowMs)
    else longest = Math.max(longest, nowMs - sinceMs)
  }
  return longest
}

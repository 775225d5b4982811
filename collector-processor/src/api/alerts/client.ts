import { AlertCloseCode, type AlertMessage } from '@adf/contract'
import type { WebSocket } from 'ws'
import type { ApiMetrics } from '../metrics.ts'
import type { AlertHub, AlertListener } from './hub.ts'

const PAGE = 200

/**
 * One connection. It first replays what came after its cursor, page by page and no faster than it reads, then listens; a
 * message is sent when its cursor is larger than the last one sent, so there is no gap and no duplicate at the change.
 */
export class AlertClient implements AlertListener {
  readonly #socket: WebSocket
  readonly #hub: AlertHub
  readonly #metrics: ApiMetrics
  readonly #maxBuffered: number
  #cursor = 0
  #alive = true

  constructor(socket: WebSocket, hub: AlertHub, metrics: ApiMetrics, maxBuffered: number) {
    this.#socket = socket
    this.#hub = hub
    this.#metrics = metrics
    this.#maxBuffered = maxBuffered
    socket.on('pong', () => {
      this.#alive = true
    })
    socket.on('close', () => hub.leave(this))
  }

  /** From after `cursor`; without one, from now. */
  async start(cursor: number | undefined): Promise<void> {
    if (cursor === undefined) {
      this.#cursor = this.#hub.latest
    } else {
      const { oldest, latest } = await this.#hub.log.bounds()
      // A cursor from the future is that of another database.
      if ((cursor > 0 && cursor < oldest) || cursor > latest) {
        return this.close(AlertCloseCode.cursorGone, 'cursor_gone')
      }
      this.#cursor = cursor
      await this.#replay()
    }
    if (this.#socket.readyState === this.#socket.OPEN) this.#hub.listen(this)
  }

  message(cursor: number, type: AlertMessage['type'], text: string): void {
    if (cursor <= this.#cursor) return
    if (this.#socket.bufferedAmount > this.#maxBuffered) {
      this.close(AlertCloseCode.tooSlow, 'too_slow')
      return
    }
    this.#cursor = cursor
    this.#metrics.alertMessages.inc({ type })
    this.#socket.send(text)
  }

  /** Pings; a client that did not answer the ping before is cut off. */
  heartbeat(): void {
    if (this.#alive) {
      this.#alive = false
      this.#socket.ping()
    } else {
      this.close(AlertCloseCode.silent, 'silent')
    }
  }

  close(code: number, reason: string): void {
    this.#hub.leave(this)
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#metrics.alertClosed.inc({ reason })
    this.#socket.close(code, reason)
    // One that reads nothing never sees the close frame either.
    setTimeout(() => this.#socket.terminate(), 1000).unref()
  }

  /** Returns in the same turn in which it found that nothing was published since it read the last page. */
  async #replay(): Promise<void> {
    while (this.#socket.readyState === this.#socket.OPEN) {
      const { latest } = this.#hub
      const page = await this.#hub.log.after(this.#cursor, PAGE)
      for (const message of page) {
        this.#cursor = Number(message.cursor)
        this.#metrics.alertMessages.inc({ type: message.type })
        await this.#send(JSON.stringify(message))
      }
      if (page.length > 0) continue
      // Whatever has a smaller cursor was committed before the page was read, and is gone if it was not in it.
      this.#cursor = Math.max(this.#cursor, latest)
      if (this.#hub.latest <= this.#cursor) return
    }
  }

  #send(text: string): Promise<void> {
    return new Promise((resolve) => this.#socket.send(text, () => resolve()))
  }
}

/** The shop's message queue: topics with one bounded backlog for each consumer group, in a process of its own, without instrumentation. */
import { setTimeout } from 'node:timers/promises'
import { report } from '../runtime/control.ts'
import { listen } from '../runtime/proxy.ts'
import { createWireServer } from '../runtime/wire.ts'

const MAX_BACKLOG = 1000
/** How long a consumer of batches waits for more than one message. */
const LINGER_MS = 300

class Backlog {
  readonly #messages: unknown[] = []
  readonly #waiting: (() => void)[] = []

  add(message: unknown): void {
    this.#messages.push(message)
    if (this.#messages.length > MAX_BACKLOG) this.#messages.shift()
    this.#waiting.shift()?.()
  }

  async take(batch: number): Promise<unknown[]> {
    for (;;) {
      while (this.#messages.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      if (batch > 1 && this.#messages.length < batch) await setTimeout(LINGER_MS)
      const taken = this.#messages.splice(0, batch)
      if (taken.length > 0) return taken
    }
  }
}

/** topic -> group -> backlog; a group exists from its first `take`. */
const topics = new Map<string, Map<string, Backlog>>()

function groupsOf(topic: string): Map<string, Backlog> {
  let groups = topics.get(topic)
  if (!groups) {
    groups = new Map()
    topics.set(topic, groups)
  }
  return groups
}

interface Call {
  readonly topic: string
  readonly group?: string
  readonly batch?: number
  readonly message?: unknown
}

const server = createWireServer(async (method, body) => {
  const { topic, group = '', batch = 1, message } = body as Call
  const groups = groupsOf(topic)
  if (method === 'publish') {
    await setTimeout(1)
    for (const backlog of groups.values()) backlog.add(message)
    return null
  }
  let backlog = groups.get(group)
  if (!backlog) {
    backlog = new Backlog()
    groups.set(group, backlog)
  }
  return backlog.take(batch)
})
report({ kind: 'ready', port: await listen(server, 0) })

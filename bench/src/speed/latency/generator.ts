// A process of its own: events of many entities, once a second each, over HTTP: `generator.ts URL ENTITIES FLAPPING ODD_IN`. Of the first FLAPPING entities one vector in ODD_IN is odd: what is measured is the anomaly that it makes. Its parent says what it does.
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import { z } from 'zod'
import { stream, Traffic } from '../scoring/entities.ts'
import { entityId } from './setting.ts'

/** `warm`: so many vectors of each, as fast as they are taken; `odd`: that entity is off from its next vector on, undefined: none is. */
const Order = z.object({
  warm: z.number().optional(),
  pace: z.boolean().optional(),
  odd: z.number().optional(),
})

const [url = '', ...numbers] = process.argv.slice(2)
const [count = 1000, flapping = 100, oddIn = 19] = numbers.map(Number)
const TICK_MS = 10
const names = stream.features.map(({ name }) => name)
const traffic = new Traffic(1)
const pool = new Pool(url, { connections: 4 })
let [sent, flapped, late, refused] = [0, 0, 0, 0]
let odd: number | undefined
let onset: number | undefined

function event(entity: number, timeMs: number, factor: number): string {
  const { values } = traffic.vector(entity, timeMs, timeMs)
  const fields = names.map((name, i) => `"${name}":${(factor * values[i]!).toPrecision(6)}`).join(',')
  return `{"entity":"${entityId(entity)}","timestamp":${timeMs},${fields}}`
}

async function post(lines: readonly string[]): Promise<void> {
  const body = lines.join('\n')
  for (;;) {
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await pool.request({ method: 'POST', path: `/api/events/${stream.name}`, headers, body })
    await answer.body.dump()
    if (answer.statusCode === 200) return
    if (answer.statusCode !== 503) throw new Error(`events were answered ${answer.statusCode}`)
    refused++
    await sleep(200)
  }
}

async function warm(vectors: number): Promise<void> {
  const nowMs = Date.now()
  for (let k = vectors; k > 0; k--)
    for (let from = 0; from < count; from += 100) {
      const some = Array.from({ length: Math.min(100, count - from) }, (_, i) =>
        event(from + i, nowMs - 1000 * k, 1),
      )
      await post(some)
    }
}

/** Entities take turns, so that each has its vector once a second. */
function pace(): void {
  const begun = performance.now()
  let next = 0
  setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * count)
    if (due - next > count / 10) late++
    const lines: string[] = []
    const nowMs = Date.now()
    for (; next < due; next++) {
      const entity = next % count
      if (entity === odd) onset ??= nowMs
      const flaps = entity < flapping && ++flapped % oddIn === 0
      lines.push(event(entity, nowMs, flaps || entity === odd ? 5 : 1))
      sent++
    }
    if (lines.length > 0) void post(lines)
  }, TICK_MS)
}

process.on('message', async (message) => {
  const order = Order.parse(message)
  if (order.warm !== undefined) await warm(order.warm)
  if (order.pace === true) pace()
  // -1: none.
  if (order.odd !== undefined) [odd, onset] = [order.odd < 0 ? undefined : order.odd, undefined]
  process.send?.({ sent, late, refused })
  if (order.odd === undefined || order.odd < 0) return
  while (onset === undefined) await sleep(1)
  process.send?.({ onset })
})
process.on('disconnect', () => process.exit(0))

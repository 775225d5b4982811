// A process of its own: sends requests of 1,000 spans at a pace of its own, whatever the server makes of them, and tells its parent what became of them.
import { nameOf } from '../ingest/load/services.ts'
import { TraceRequest } from '../ingest/load/trace-request.ts'
import { SPANS, type Tally } from './load.ts'
import { type Protocol, sender } from './send.ts'

const TICK_MS = 5
const INSTANCE = '000'
/** Stands in the names of services that change where the number of the generation does. */
const GENERATION = '@gen'

const [protocol = 'http', port, requestsPerSecond, atOnce, connections, churnMs] = process.argv.slice(2)
const send = sender(protocol as Protocol, Number(port), Number(connections))
const churns = Number(churnMs) > 0
// Every fifth service has a name for each generation alone.
const model = TraceRequest.of(SPANS, (service) =>
  churns && service % 5 === 3 ? `${nameOf(service)}-${GENERATION}` : nameOf(service),
)
const generations = churns ? model.message.placesOf(GENERATION, 'latin1') : []
/** Made before the pace begins, which is even from its first moment on. */
const free = Array.from({ length: Number(atOnce) }, () => model.copy())
const begunMs = Date.now()
let counter = (process.pid & 0xffff) << 16
let due = 0
let lastMs = begunMs
let tally = nothing()

function nothing(): Tally {
  return { offered: 0, taken: 0, refused: 0, failed: 0, reasons: {}, heldBack: 0, latencies: [] }
}

async function one(batch: TraceRequest): Promise<void> {
  const sentMs = Date.now()
  const generation = churns ? Math.floor((sentMs - begunMs) / Number(churnMs)) : 0
  batch.message.texts(generations, String(generation).padStart(GENERATION.length, '0'))
  batch.next(counter++, INSTANCE, sentMs)
  const started = performance.now()
  const outcome = await send(batch.message)
  if (typeof outcome === 'object') {
    tally.failed++
    tally.reasons[outcome.failed] = (tally.reasons[outcome.failed] ?? 0) + 1
  } else tally[outcome]++
  if (outcome === 'taken') tally.latencies.push(Math.round((performance.now() - started) * 100) / 100)
  free.push(batch)
}

function tick(): void {
  const nowMs = Date.now()
  // A pause of this process is not made up for: that would be another load.
  due += (Math.min(nowMs - lastMs, 250) / 1000) * Number(requestsPerSecond)
  lastMs = nowMs
  for (; due >= 1; due--) {
    tally.offered++
    const batch = free.pop()
    if (batch === undefined) tally.heldBack++
    else void one(batch)
  }
}

process.send?.('made')
const timer = setInterval(tick, TICK_MS)
process.on('message', (message) => {
  if (message === 'stop') {
    clearInterval(timer)
    process.disconnect()
    process.exit(0)
  }
  process.send?.(tally)
  tally = nothing()
})

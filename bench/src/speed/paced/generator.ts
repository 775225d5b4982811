// A process of its own: sends requests of 1,000 spans at a pace of its own, whatever the server makes of them, and tells its parent what became of them.
import { nameOf } from '../ingest/load/services.ts'
import { TraceRequest } from '../ingest/load/trace-request.ts'
import { SPANS, type Tally } from './load.ts'
import { type Protocol, sender } from './send.ts'

const TICK_MS = 5
const INSTANCE = '000'

const [protocol = 'http', port, requestsPerSecond, atOnce, connections, churnMs] = process.argv.slice(2)
const send = sender(protocol as Protocol, Number(port), Number(connections))
const most = Number(atOnce)
const free: TraceRequest[] = []
let made = 0
let madeMs = Date.now()
let generation = 0
let model = modelOf(generation)
let counter = (process.pid & 0xffff) << 16
let due = 0
let lastMs = Date.now()
let tally = nothing()

function nothing(): Tally {
  return { offered: 0, taken: 0, refused: 0, failed: 0, heldBack: 0, latencies: [] }
}

/** Of the services every fifth has a name for this generation alone. Undefined: so many are under way that none more is sent. */
function fresh(): TraceRequest | undefined {
  if (made >= most) return undefined
  made++
  return model.copy()
}

function modelOf(generation: number): TraceRequest {
  return TraceRequest.of(SPANS, (service) =>
    service % 5 === 3 && generation > 0 ? `${nameOf(service)}-g${generation}` : nameOf(service),
  )
}

async function one(batch: TraceRequest, of: number): Promise<void> {
  const sentMs = Date.now()
  batch.next(counter++, INSTANCE, sentMs)
  const started = performance.now()
  const outcome = await send(batch.message)
  tally[outcome]++
  if (outcome === 'taken') tally.latencies.push(Math.round((performance.now() - started) * 100) / 100)
  if (of === generation) free.push(batch)
  else made--
}

function tick(): void {
  const nowMs = Date.now()
  if (Number(churnMs) > 0 && nowMs - madeMs > Number(churnMs)) {
    model = modelOf(++generation)
    made -= free.length
    free.length = 0
    madeMs = nowMs
  }
  // A pause of this process is not made up for: that would be another load.
  due += (Math.min(nowMs - lastMs, 250) / 1000) * Number(requestsPerSecond)
  lastMs = nowMs
  for (; due >= 1; due--) {
    tally.offered++
    const batch = free.pop() ?? fresh()
    if (batch === undefined) tally.heldBack++
    else void one(batch, generation)
  }
}

// Made before the pace begins, which is even from its first moment on.
while (made < most) {
  const batch = fresh()
  if (batch !== undefined) free.push(batch)
}
lastMs = Date.now()
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

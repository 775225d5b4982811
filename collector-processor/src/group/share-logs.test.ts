import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { Losses } from '../feature/losses.ts'
import { ServiceShare } from '../feature/summary/service-share.ts'
import { SpanShare } from '../graph/summary/span-share.ts'
import { T0, testGraph } from '../graph/testing/traffic.ts'
import { minedInParts } from '../logs/summary/parts.test-data.ts'
import type { PlainLog } from '../telemetry/log-builder.ts'
import { decodeSummary, encodeStep } from './edges/codec.ts'
import { type ShardProgress, StepOrder } from './edges/step-order.ts'
import { shareWork } from './share-work.ts'

const STEP_MS = 1000
const STEPS = 40
/** What was committed is so far behind. */
const BEHIND_MS = 6 * STEP_MS
const SHARD = 'logs/0'

/** A topic of summaries, who reads it, and what was saved of the partition. */
function topic() {
  const mined = minedInParts(0)
  const merged = testGraph()
  const order = new StepOrder({
    ...{ stepMs: STEP_MS, maxBehindMs: 60_000, maxBytes: 1e9 },
    ignored: () => {},
    overrun: () => {},
  })
  /** Records by step of windows and template. */
  const windows = new Map<string, number>()
  const saved = new Map<string, Uint8Array | null>()
  return {
    ...{ mined, merged, windows, saved },
    read(messages: readonly Buffer[]) {
      for (const message of messages) order.take(decodeSummary(message), message.length, 0)
      order.run({
        add({ services, logs }) {
          if (logs !== undefined) mined.reader.add(logs)
          for (const step of services.flatMap((service) => service.logs?.steps ?? []))
            for (const [template, count] of step.templates) {
              const key = `${step.at} ${template}`
              windows.set(key, (windows.get(key) ?? 0) + count)
            }
        },
        advance: () => {},
      })
    },
    progress: (): ShardProgress | undefined => order.progress(SHARD),
  }
}

/** One process's time as the owner of the partition. */
function owner(of: ReturnType<typeof topic>, epoch: number) {
  const rig = testGraph()
  const sent: Buffer[] = []
  const logs = of.mined.begin()
  for (const [service, bytes] of of.saved) if (bytes !== null) logs.restore(service, bytes)
  const work = shareWork({
    fence: { shard: SHARD, epoch },
    before: of.progress(),
    spans: new SpanShare(rig.options, of.merged.graph),
    services: new ServiceShare({
      ...{ stepMs: STEP_MS, windowMs: 10_000, maxLatenessMs: 5000, maxSkewMs: 60_000, maxEntities: 100 },
      losses: new Losses(new Registry()),
    }),
    logs,
    pipeline: undefined,
    edges: { tell: (head, step) => void sent.push(...encodeStep(head, step)) },
    lost: () => false,
  })
  return {
    take(offset: number, message: readonly PlainLog[], arrivalMs: number) {
      work.taking(offset)
      work.sink.logs(of.mined.batchOf(message), arrivalMs)
      work.taken(offset + 1)
    },
    advance(nowMs: number) {
      work.advance(nowMs)
      return sent.splice(0)
    },
    save() {
      for (const key of work.learned?.unsaved() ?? []) of.saved.set(key, work.learned?.save(key) ?? null)
    },
  }
}

/** Messages of the partition: spans of two lines, names that vary, lines that come once, and errors. */
function messages() {
  const all: { atMs: number; logs: PlainLog[] }[] = []
  for (let n = 0; n < (STEPS * STEP_MS) / 100; n++) {
    const atMs = T0 + n * 100
    const spanId = (n >> 1).toString(16).padStart(16, '0')
    const name = String.fromCharCode(97 + ((n * 7) % 26))
    const log = (body: string): PlainLog => ({
      resource: { 'service.name': `s${n % 2}` },
      ...{ timeMs: atMs - 20, severity: 9, body, spanId, traceId: spanId + spanId },
    })
    const logs = [log(`begin ${n}`), log(`user ${name}x came in today`)]
    if (n % 50 === 7) logs.push(log(`once ${String.fromCharCode(97 + (n % 26))}y only`))
    if (n % 20 === 3) logs.push({ ...log('it failed'), exceptionType: 'IOError' })
    all.push({ atMs, logs })
  }
  return all
}

/** @param ends steps after which the owner dies: the messages of the last step are not in the topic then, those before are */
function play(ends: readonly number[]) {
  const of = topic()
  const all = messages()
  let epoch = 1
  let current = owner(of, epoch)
  let next = 0
  for (let step = 1; step <= STEPS; step++) {
    const untilMs = T0 + step * STEP_MS
    for (; next < all.length && (all[next]?.atMs ?? 0) < untilMs; next++)
      current.take(next, all[next]?.logs ?? [], all[next]?.atMs ?? 0)
    const sent = current.advance(untilMs)
    if (!ends.includes(step)) {
      of.read(sent)
      if (step % 4 === 0) current.save()
      continue
    }
    current = owner(of, ++epoch)
    let steppedMs = untilMs - BEHIND_MS
    for (const [offset, { atMs, logs }] of all.entries()) {
      if (offset >= next || atMs < untilMs - BEHIND_MS) continue
      for (; steppedMs + STEP_MS <= atMs; steppedMs += STEP_MS) of.read(current.advance(steppedMs + STEP_MS))
      current.take(offset, logs, atMs)
    }
    of.read(current.advance(untilMs))
  }
  const { reader } = of.mined
  const windows = new Map<string, number>()
  for (const [key, count] of of.windows) {
    const [at, template] = key.split(' ').map(Number)
    const now = `${at} ${reader.current(template ?? 0)}`
    windows.set(now, (windows.get(now) ?? 0) + count)
  }
  return {
    templates: ['s0', 's1'].map((service) =>
      reader
        .templates(service)
        .map(({ text, lines }) => `${lines} ${text}`)
        .sort(),
    ),
    windows: [...windows].sort(),
  }
}

test('whoever takes a partition of logs over tells what was not told, and nothing twice', () => {
  const wanted = play([])
  expect(wanted.templates[0]).toEqual(expect.arrayContaining(['200 begin <*>', '200 user <*> came in today']))
  for (const ends of [[3], [8], [13], [14, 15], [4, 9, 11, 16, 31]]) expect(play(ends)).toEqual(wanted)
})

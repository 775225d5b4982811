import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { Losses } from '../feature/losses.ts'
import { ServiceShare } from '../feature/summary/service-share.ts'
import { SpanShare } from '../graph/summary/span-share.ts'
import { call, span, T0, testGraph } from '../graph/testing/traffic.ts'
import type { PlainSpan } from '../telemetry/span-builder.ts'
import { decodeSummary, encodeStep } from './edges/codec.ts'
import { type ShardProgress, StepOrder } from './edges/step-order.ts'
import { shareWork } from './share-work.ts'

const STEP_MS = 1000
const SHARD = 'topic/0'

/** A topic of summaries, and who reads it. */
function topic() {
  const merged = testGraph({ pairing_window: 4000 })
  const order = new StepOrder({
    ...{ stepMs: STEP_MS, maxBehindMs: 60_000, maxBytes: 1e9 },
    ignored: () => {},
    overrun: () => {},
  })
  const requests = new Map<string, number>()
  return {
    merged,
    requests,
    read(messages: readonly Buffer[]) {
      for (const message of messages) order.take(decodeSummary(message), message.length, 0)
      order.run({
        add({ spans, services, at }) {
          merged.graph.add(spans, at)
          for (const { entity, steps } of services)
            for (const step of steps) requests.set(entity.id, (requests.get(entity.id) ?? 0) + step.requests)
        },
        advance: () => {},
      })
    },
    progress: (): ShardProgress | undefined => order.progress(SHARD),
  }
}

/** One process's time as the owner of the partition. */
function owner(of: ReturnType<typeof topic>, epoch: number) {
  const rig = testGraph({ pairing_window: 4000 })
  const sent: Buffer[] = []
  const work = shareWork({
    fence: { shard: SHARD, epoch },
    before: of.progress(),
    spans: new SpanShare(rig.options, of.merged.graph),
    services: new ServiceShare({
      ...{ stepMs: STEP_MS, windowMs: 10_000, maxLatenessMs: 5000, maxSkewMs: 60_000, maxEntities: 100 },
      losses: new Losses(new Registry()),
    }),
    pipeline: undefined,
    logs: undefined,
    edges: { tell: (head, step) => void sent.push(...encodeStep(head, step)) },
    lost: () => false,
  })
  return {
    take(offset: number, spans: readonly PlainSpan[], arrivalMs: number) {
      work.taking(offset)
      work.sink.spans(rig.batchOf(spans), arrivalMs)
      work.taken(offset + 1)
    },
    advance(nowMs: number) {
      work.advance(nowMs)
      return sent.splice(0)
    },
  }
}

/** Messages of the partition, by their time: calls in two halves, calls that nobody answers, and errors that turn out to begin below. */
function messages() {
  const all: { atMs: number; spans: PlainSpan[] }[] = []
  const address = { 'server.address': 'b', 'server.port': 80 }
  for (let n = 0; n < 120; n++) {
    const at = n * 100
    const failed = n % 5 === 0
    const [client, server] = call('a', 'b', { at, attributes: address, failed })
    if (client === undefined || server === undefined) throw new Error('a call has two spans')
    all.push({ atMs: T0 + at + 50, spans: [client] })
    // Nobody answers each seventh one.
    if (n % 7 !== 0) all.push({ atMs: T0 + at + 700, spans: [{ ...server, status: failed ? 2 : 0 }] })
    all.push({ atMs: T0 + at + 60, spans: [span({ service: 'a', kind: 'server', at, ms: 30, failed })] })
  }
  return all.sort((one, other) => one.atMs - other.atMs)
}

const shapeOf = ({ merged, requests }: ReturnType<typeof topic>) => {
  const { nodes, edges } = merged.graph.snapshot(T0 + 60_000)
  return {
    nodes: nodes.map(({ id }) => id).sort(),
    edges: edges.map(({ client, server, calls, failures }) => [client, server, calls, failures]).sort(),
    operations: merged.graph
      .operations('a', T0 + 60_000)
      ?.operations.map(({ operation }) => operation)
      .sort(),
    requests: [...requests].sort(),
  }
}

/** @param ends steps after which the owner dies: the messages of the last step are not in the topic then, those before are */
function play(ends: readonly number[]) {
  const of = topic()
  const all = messages()
  let epoch = 1
  let current = owner(of, epoch)
  let next = 0
  for (let step = 1; step <= 20; step++) {
    const untilMs = T0 + step * STEP_MS
    for (; next < all.length && (all[next]?.atMs ?? 0) < untilMs; next++)
      current.take(next, all[next]?.spans ?? [], all[next]?.atMs ?? 0)
    const sent = current.advance(untilMs)
    if (!ends.includes(step)) {
      of.read(sent)
      continue
    }
    // Another one reads again what was taken since six seconds, in the time of the messages.
    current = owner(of, ++epoch)
    let steppedMs = untilMs - 6 * STEP_MS
    for (const [offset, { atMs, spans }] of all.entries()) {
      if (offset >= next || atMs < untilMs - 6 * STEP_MS) continue
      for (; steppedMs + STEP_MS <= atMs; steppedMs += STEP_MS) of.read(current.advance(steppedMs + STEP_MS))
      current.take(offset, spans, atMs)
    }
    of.read(current.advance(untilMs))
  }
  return shapeOf(of)
}

test('while its clock stands, what comes waits for the next step', () => {
  const of = topic()
  const one = owner(of, 1)
  for (let n = 0; n < 10; n++) {
    one.take(n, call('a', 'b', { at: 10 * n }), T0 + 500)
    of.read(one.advance(T0 + 500))
    of.read(one.advance(T0 + 500 - n))
  }
  of.read([...one.advance(T0 + 1500), ...one.advance(T0 + 5000)])
  expect(of.merged.edge('a', 'b')?.calls).toBe(10)
  expect(of.progress()?.offset).toBe(10)
})

test('whoever takes a partition over tells what was not told, and nothing twice', () => {
  const wanted = play([])
  expect(wanted.edges).toEqual([
    ['a', 'b', 120, expect.any(Number)],
    ['user:user', 'a', 120, 24],
  ])
  expect(wanted.requests).toEqual([
    ['a', 120],
    ['b', 102],
  ])
  for (const ends of [[3], [8], [13], [14, 15], [4, 9, 11, 16]]) expect(play(ends)).toEqual(wanted)
})

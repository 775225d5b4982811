// A process of its own, so that its memory is that of one graph: `main.ts SHAPE SPANS_PER_S SECONDS`.
import { CausalGraph, Config } from '@adf/processor'
import { Registry } from 'prom-client'
import { SHAPES, SPANS, Traffic } from './traffic.ts'

const [name, rate, seconds] = process.argv.slice(2)
const shape = SHAPES.find((one) => one === name)
if (shape === undefined) throw new Error(`no such traffic: ${name}`)
const traffic = new Traffic(shape)
// the traffic and its generator are warm before memory is looked at
for (let i = 0; i < 400; i++) traffic.next(1_760_000_000_000 + i)
const rssBefore = process.memoryUsage.rss()
const graph = new CausalGraph(Config.parse({}).graph, new Registry())

let nowMs = 1_760_000_001_000
let advancedMs = nowMs
/** Takes requests for so much CPU time; gives ns a span. The clock of the graph runs by the rate, not by ours. */
function run(cpuMs: number): number {
  let [used, spans] = [0, 0]
  while (used < cpuMs * 1000) {
    const batch = traffic.next(nowMs)
    const before = process.cpuUsage()
    graph.spans(batch, nowMs)
    if (nowMs - advancedMs >= 1000) {
      graph.advance(nowMs)
      advancedMs = nowMs
    }
    const { user, system } = process.cpuUsage(before)
    used += user + system
    spans += batch.length
    nowMs += (1000 * SPANS) / Number(rate)
  }
  return (used * 1000) / spans
}

// two pairing windows at least: the ring is full, spans leave as fast as they come
for (const until = nowMs + 25_000; nowMs < until; ) run(10)
const ns_per_span = run(Number(seconds) * 1000)
const result = { ns_per_span, rss_mb: (process.memoryUsage.rss() - rssBefore) / 1e6 }
const snapshot = graph.snapshot(nowMs)
const calls = snapshot.edges.reduce((sum, edge) => sum + edge.calls, 0)
if (snapshot.edges.length < 20) throw new Error(`${snapshot.edges.length} edges of 20, ${calls} calls`)
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify({ ...result, calls }))

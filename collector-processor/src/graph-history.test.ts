import type { Graph } from '@adf/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, span, T0, testGraph } from './graph/testing/traffic.ts'
import { GraphHistory } from './graph-history.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { Store } from './store/store.ts'

const MINUTE = 60_000

describe('GraphHistory', () => {
  let store: Store
  let nowMs = T0
  const unreadable: string[] = []
  const restored: Graph[] = []
  beforeEach(async () => {
    store = await openSqliteStore({ path: ':memory:', clock: () => nowMs })
  })
  afterEach(() => store.close())
  const historyOf = (slices: (nowMs: number) => Iterable<Partial<Graph>>) =>
    new GraphHistory({
      store: store.graphs,
      slices,
      intervalMs: MINUTE,
      maxBytes: 1e9,
      clock: () => nowMs,
      log: { error: () => {} },
      unreadable: ({ id }) => unreadable.push(id),
      restore: (graph) => restored.push(graph),
    })

  it('gives the graph as it was, with its own time, and passes over what it cannot read', async () => {
    const test = testGraph()
    const history = historyOf((at) => test.graph.slices(at))
    await history.keep()
    expect(await history.at(T0 + MINUTE)).toBeUndefined()
    const kept: Graph[] = []
    for (const service of ['cart', 'ads', 'stock']) {
      nowMs += MINUTE
      test.send(
        [...call('web', service, { resource: { 'host.name': 'h', 'service.version': service } })],
        nowMs,
      )
      test.send([span({ service: 'web', kind: 'client', attributes: { 'db.system.name': 'redis' } })], nowMs)
      await history.keep()
      kept.push(test.graph.snapshot(nowMs))
    }
    const shape = (graph: Graph | undefined) => ({
      at: graph?.at,
      nodes: graph?.nodes.map(({ id, last_seen }) => `${id} ${last_seen}`),
      edges: graph?.edges.map(({ client, server, calls }) => `${client} ${server} ${calls}`),
      placements: graph?.placements,
      changes: graph?.changes,
    })
    expect(shape(await history.at(T0 + 2.5 * MINUTE))).toEqual(shape(kept[1]))
    expect(shape(await history.at(T0 + 9 * MINUTE))).toEqual(shape(kept[2]))
    expect(await history.at(T0 + MINUTE - 1)).toBeUndefined()

    await store.graphs.save({ atMs: T0 + 2 * MINUTE, body: new Uint8Array(9) }, 1e9)
    expect(shape(await history.at(T0 + 2 * MINUTE))).toEqual(shape(kept[0]))
    expect(unreadable).toEqual([String(T0 + 2 * MINUTE)])
  })

  it('brings deployments back after a restart, and sees one that came meanwhile', async () => {
    const [before, after] = [testGraph(), testGraph()]
    const release = (version: string) =>
      call('web', 'cart', { resource: { 'host.name': 'h', 'service.version': version } })
    before.send(release('1'), T0)
    before.send(release('2'), T0 + MINUTE)
    nowMs = T0 + MINUTE
    await historyOf((at) => before.graph.slices(at)).keep()
    nowMs = T0 + 3 * MINUTE
    const history = historyOf((at) => after.graph.slices(at))
    await history.start()
    await history.stop()
    after.graph.restoreChanges(restored.at(-1)!.changes)
    after.send(release('2'), T0 + 3 * MINUTE)
    const told = () =>
      after.graph.snapshot(nowMs).changes.map(({ at, service, from, to }) => ({ at, service, from, to }))
    const known = before.graph
      .snapshot(nowMs)
      .changes.map(({ at, service, from, to }) => ({ at, service, from, to }))
    expect(known).not.toEqual([])
    expect(told()).toEqual(known)
    after.send(release('3'), T0 + 3 * MINUTE + 2000)
    expect(told().at(-1)).toMatchObject({ from: '2', to: '3' })
  })

  it('keeps no edge without its nodes when the graph changes meanwhile', () => {
    const test = testGraph({ forget_after: MINUTE })
    for (let i = 0; i < 300; i++) test.send(call('web', `s${i}`), T0)
    const pieces = test.graph.slices(T0 + 1000)
    const nodes = new Set<string>()
    const edges: { client: string; server: string }[] = []
    let taken = 0
    for (const piece of pieces) {
      for (const { id } of piece.nodes ?? []) nodes.add(id)
      edges.push(...(piece.edges ?? []))
      // after the first nodes all are forgotten, and others come in their places
      if (++taken !== 2) continue
      test.graph.advance(T0 + 10 * MINUTE)
      for (let i = 0; i < 300; i++) test.send(call('other', `t${i}`), T0 + 10 * MINUTE)
    }
    for (const { client, server } of edges) expect(nodes.has(client) && nodes.has(server)).toBe(true)
  })
})

import { bytes, duration, fault } from '@adf/service'
import { z } from 'zod'

/** The section `graph`. */
export const graph = z
  .strictObject({
    pairing_window: duration('10s', { min: '1s', max: '5m' }).meta({
      description:
        'how long a span waits for its other half; a request that is sent again within it is not counted twice',
    }),
    max_pending_spans: z
      .int()
      .min(1000)
      .max(100_000_000)
      .default(1_000_000)
      .meta({ description: 'spans that wait at once; the oldest is given up first' }),
    max_nodes: z.int().min(10).default(10_000),
    max_edges: z.int().min(10).default(100_000),
    max_operations: z
      .int()
      .min(1)
      .default(200)
      .meta({ description: 'operations kept for one service; further ones become (other)' }),
    half_life: duration('5m').meta({
      description: 'rates on edges and nodes halve in this time without calls',
    }),
    history: duration('30m').meta({
      description: 'how far back root-cause evidence looks for what is normal',
    }),
    slot: duration('5s').meta({ description: 'width of one sample of root-cause evidence' }),
    forget_after: duration('1h').meta({ description: 'a node or edge without calls for so long is dropped' }),
    snapshot_interval: duration('1m', { min: '1s' }).meta({
      description: 'how often the graph is stored, for the API to tell what it was',
    }),
    max_snapshots_size: bytes('512MiB').meta({
      description:
        'room for stored graphs, compressed; past it the oldest gives way, whatever `store.retention` says',
    }),
    config_keys: z.array(z.string().min(1)).max(20).default([]).meta({
      description: 'resource attributes, beside the known ones, whose change is a change of configuration',
    }),
  })
  .superRefine(({ pairing_window, forget_after, history, slot }, context) => {
    if (forget_after < pairing_window)
      fault(context, ['forget_after'], 'must not be shorter than graph.pairing_window')
    if (slot > history) fault(context, ['slot'], 'must not be longer than graph.history')
  })
  .prefault({})

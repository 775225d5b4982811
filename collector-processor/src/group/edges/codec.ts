import { EdgeSummary, type LogSummary, type ServiceSummary, type SpanSummary } from '@adf/contract'
import type { StepSummary } from './step-order.ts'

/** Text of one message: a broker takes a megabyte. */
const PART_BYTES = 700_000
/** What the names of nodes that are in another part take, at most, for short names. */
const ROW_BYTES = 400

/** Thrown for a message that is none; in words. */
export class BadSummary extends Error {
  override name = 'BadSummary'
}

/** Throws BadSummary. */
export function decodeSummary(value: Buffer): EdgeSummary {
  let json: unknown
  try {
    json = JSON.parse(value.toString())
  } catch {
    throw new BadSummary('it is no JSON')
  }
  const read = EdgeSummary.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new BadSummary(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is no summary'}`)
}

/** What a shard tells of a step. */
export type StepParts = Pick<StepSummary, 'spans' | 'services' | 'logs'>

export type StepHead = Pick<StepSummary, 'shard' | 'epoch' | 'at' | 'offset'>

/** The messages of one step: as many as its size asks for, each whole by itself. */
export function encodeStep(head: StepHead, step: StepParts, partBytes = PART_BYTES): Buffer[] {
  const parts = split(step, partBytes)
  return parts.map((part, at) =>
    encode({ version: 1, kind: 'step', ...head, part: at, last: at === parts.length - 1, ...part }),
  )
}

export const encodeBegin = (shard: string, epoch: number): Buffer =>
  encode({ version: 1, kind: 'begin', shard, epoch })

const encode = (summary: EdgeSummary): Buffer => Buffer.from(JSON.stringify(summary))

/** A part that is filled: what refers to a node that is in another part has the name of it here. */
class Filling {
  readonly part: { spans: SpanSummary; services: ServiceSummary[]; logs?: LogSummary }
  readonly #nodes: SpanSummary['nodes']
  readonly #places = new Map<number, number>()
  bytes = 0

  constructor({ latest_at, nodes }: SpanSummary) {
    this.#nodes = nodes
    this.part = {
      spans: { latest_at, nodes: [], operations: [], edges: [], sights: [], clocks: [] },
      services: [],
    }
  }

  get logs(): LogSummary {
    this.part.logs ??= { templates: [], records: [], transitions: [], exceptions: [] }
    return this.part.logs
  }

  node(at: number, whole: boolean): number {
    const known = this.#places.get(at)
    const node = this.#nodes[at]
    if (known !== undefined && !whole) return known
    if (node === undefined) throw new Error(`there is no node ${at}`)
    this.part.spans.nodes.push(whole ? node : { ...node, latency: [], slots: [], exemplars: [] })
    this.#places.set(at, this.part.spans.nodes.length - 1)
    return this.part.spans.nodes.length - 1
  }
}

function split({ spans, services, logs }: StepParts, partBytes: number): StepParts[] {
  let filling = new Filling(spans)
  const parts = [filling.part]
  const put = (row: unknown, into: (filling: Filling) => void) => {
    const bytes = JSON.stringify(row).length + ROW_BYTES
    if (filling.bytes > 0 && filling.bytes + bytes > partBytes) {
      filling = new Filling(spans)
      parts.push(filling.part)
    }
    filling.bytes += bytes
    into(filling)
  }
  for (const [at, node] of spans.nodes.entries()) put(node, (to) => to.node(at, true))
  for (const row of spans.operations)
    put(row, (to) => to.part.spans.operations.push({ ...row, node: to.node(row.node, false) }))
  for (const row of spans.edges)
    put(row, (to) =>
      to.part.spans.edges.push({
        ...row,
        client: to.node(row.client, false),
        server: to.node(row.server, false),
      }),
    )
  for (const row of spans.sights) put(row, (to) => to.part.spans.sights.push(row))
  for (const row of spans.clocks) put(row, (to) => to.part.spans.clocks.push(row))
  for (const row of services) put(row, (to) => to.part.services.push(row))
  // Templates first: what counts them may be in a later part.
  for (const row of logs?.templates ?? []) put(row, (to) => to.logs.templates.push(row))
  for (const row of logs?.records ?? []) put(row, (to) => to.logs.records.push(row))
  for (const row of logs?.transitions ?? []) put(row, (to) => to.logs.transitions.push(row))
  for (const row of logs?.exceptions ?? []) put(row, (to) => to.logs.exceptions.push(row))
  return parts
}

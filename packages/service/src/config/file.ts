import { readFileSync } from 'node:fs'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { ConfigFault } from './fault.ts'
import type { Layer } from './layer.ts'

/** The layer of a YAML file, or its faults: not readable, not YAML, not a map. */
export function fileLayer(file: string): { layer?: Layer; faults: ConfigFault[] } {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const message = missing ? 'there is no such file' : `cannot be read: ${text(error)}`
    return { faults: [{ path: '', message, source: file }] }
  }
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`
  if (document.errors.length > 0) {
    return {
      faults: document.errors.map(({ message, pos }) => ({ path: '', message, source: at(pos[0]) })),
    }
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch (error) {
    return { faults: [{ path: '', message: text(error), source: file }] }
  }
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    return {
      faults: [{ path: '', message: 'must be a map of keys, such as edge: {window: 10s}', source: at(0) }],
    }
  }
  const source = (path: readonly PropertyKey[]) => {
    const offset = offsetOf(document, path)
    return offset === undefined ? file : at(offset)
  }
  return { layer: { value, source }, faults: [] }
}

/** Where the key of a path stands, or of the last part of it that the file has. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  let node: Node | null | undefined = document.contents
  let offset: number | undefined
  for (const part of path) {
    if (isMap(node)) {
      const pair: { key: unknown; value: unknown } | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(part),
      )
      if (pair === undefined) break
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
      node = isNode(pair.value) ? pair.value : undefined
    } else if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part]
      node = isNode(item) ? item : undefined
      offset = node?.range?.[0] ?? offset
    } else break
  }
  return offset
}

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value)
const text = (error: unknown) => (error instanceof Error ? error.message : String(error))

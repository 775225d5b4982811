import { globSync, readFileSync, statSync } from 'node:fs'
import { formatPath } from '@adf/service'
import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml'
import type { SloDocument } from './document.ts'
import { checkDocument } from './document-faults.ts'

const MAX_BYTES = 1_048_576
const MAX_DOCUMENTS = 1000
/** Aliases may not multiply a small file into a huge value. */
const MAX_ALIASES = 100

/** A document and where it stands (`slo/checkout.yaml:12`). */
interface FileDocument {
  readonly document: SloDocument
  readonly source: string
}

export interface ReadFiles {
  readonly documents: readonly FileDocument[]
  /** Each begins with its place. */
  readonly faults: readonly string[]
}

/** Paths that a pattern names, sorted: one without wildcards is itself. */
export function filesOf(pattern: string): string[] {
  return /[*?[{]/.test(pattern) ? globSync(pattern).sort() : [pattern]
}

/** Every OpenSLO document of a YAML file, which may hold several. */
export function readDocuments(file: string): ReadFiles {
  let text: string
  try {
    const { size } = statSync(file)
    if (size > MAX_BYTES) return { documents: [], faults: [`${file}: is larger than 1 MiB: split it`] }
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return {
      documents: [],
      faults: [`${file}: ${missing ? 'there is no such file' : `cannot be read: ${textOf(error)}`}`],
    }
  }
  return parseDocuments(text, file)
}

/** The same for text that came from `file`. */
export function parseDocuments(text: string, file: string): ReadFiles {
  const lines = new LineCounter()
  let parsed: Document.Parsed[]
  try {
    parsed = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })]
  } catch (error) {
    // A thousand brackets within each other, for one.
    return { documents: [], faults: [`${file}: cannot be read as YAML: ${textOf(error)}`] }
  }
  if (parsed.length > MAX_DOCUMENTS)
    return { documents: [], faults: [`${file}: has more than ${MAX_DOCUMENTS} documents: split it`] }
  const at = (offset: number) => `${file}:${lines.linePos(offset).line}`
  const documents: FileDocument[] = []
  const faults: string[] = []
  for (const one of parsed) {
    const source = at(one.contents?.range[0] ?? 0)
    if (one.errors.length > 0) {
      faults.push(...one.errors.map(({ message, pos }) => `${at(pos[0])}: ${message}`))
      continue
    }
    try {
      const value: unknown = one.toJS({ maxAliasCount: MAX_ALIASES })
      // Nothing but a comment between two separators.
      if (value === null) continue
      const checked = checkDocument(value)
      if (checked.document !== undefined) documents.push({ document: checked.document, source })
      for (const { path, message } of checked.faults)
        faults.push(`${at(offsetOf(one, path))}: ${path.length > 0 ? `${formatPath(path)}: ` : ''}${message}`)
    } catch (error) {
      faults.push(`${source}: ${textOf(error)}`)
    }
  }
  if (documents.length + faults.length === 0) faults.push(`${file}: holds no document`)
  return { documents, faults }
}

/** Where the node of a path begins, or that of the last part of it that is there. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range[0] ?? 0
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

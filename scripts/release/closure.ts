import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, extname, join, relative, sep } from 'node:path'
import ts from 'typescript'

/** A string in a file that names another file of ours: from its first quote to behind its last. */
interface Reference {
  readonly start: number
  readonly end: number
  readonly target: string
}

interface SourceFile {
  /** JavaScript, or JSON as it is. */
  readonly text: string
  readonly references: readonly Reference[]
}

export interface Closure {
  /** Path from the root -> what is in it. */
  readonly files: ReadonlyMap<string, SourceFile>
  /** npm packages that they import, without our own. */
  readonly packages: ReadonlySet<string>
}

/** Name of a package of ours -> its folder, and its `exports`. */
export type Workspaces = ReadonlyMap<string, { folder: string; exports: Readonly<Record<string, string>> }>

/** A worker or a process of its own is named by an address beside the file that starts it. */
const BESIDE = /new URL\(\s*('[^']+\.(?:ts|mjs)')\s*,\s*import\.meta\.url/g

/**
 * Every file that `entry` imports, starts as a worker or runs as a process, with its types taken off, as Node does when it runs the sources.
 * Throws at an import that leads nowhere: the package would end there, too.
 */
export function closureOf(root: string, entry: string, workspaces: Workspaces): Closure {
  const files = new Map<string, SourceFile>()
  const packages = new Set<string>()
  const waiting = [entry]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue
    const source = readFileSync(join(root, path), 'utf8')
    if (extname(path) === '.json') {
      files.set(path, { text: source, references: [] })
      continue
    }
    const text = extname(path) === '.ts' ? stripTypeScriptTypes(source) : source
    const references: Reference[] = []
    for (const { name, start, end } of namesIn(text)) {
      const target = resolve(path, name, workspaces)
      if (target === undefined) {
        if (!name.startsWith('node:')) packages.add(packageOf(name))
        continue
      }
      if (!existsSync(join(root, target)))
        throw new Error(`${path} imports ${name}, and there is no ${target}`)
      references.push({ start, end, target })
      waiting.push(target)
    }
    files.set(path, { text, references })
  }
  return { files, packages }
}

/** The file with the names that its neighbours have in the package: `.js` for `.ts`, and no packages of ours. */
export function rewritten(path: string, { text, references }: SourceFile): string {
  const folder = dirname(path)
  let result = ''
  let done = 0
  for (const { start, end, target } of [...references].sort((a, b) => a.start - b.start)) {
    const to = relative(folder, compiled(target)).split(sep).join('/')
    result += `${text.slice(done, start)}'${to.startsWith('.') ? to : `./${to}`}'`
    done = end
  }
  return result + text.slice(done)
}

export const compiled = (path: string) => path.replace(/\.ts$/, '.js')

function* namesIn(text: string): Iterable<{ name: string; start: number; end: number }> {
  for (const { fileName: name, pos: start } of ts.preProcessFile(text, true, true).importedFiles)
    yield { name, start, end: start + name.length + 2 }
  for (const match of text.matchAll(BESIDE)) {
    const literal = match[1] ?? ''
    const start = match.index + match[0].indexOf(literal)
    yield { name: literal.slice(1, -1), start, end: start + literal.length }
  }
}

/** Path from the root of what a file calls `name`; undefined when that is not ours. */
function resolve(from: string, name: string, workspaces: Workspaces): string | undefined {
  if (name.startsWith('.')) return join(dirname(from), name)
  const workspace = workspaces.get(packageOf(name))
  if (workspace === undefined) return undefined
  const door = `.${name.slice(packageOf(name).length)}`
  for (const [pattern, file] of Object.entries(workspace.exports)) {
    const [head = '', tail] = pattern.split('*')
    if (tail === undefined ? pattern !== door : !(door.startsWith(head) && door.endsWith(tail))) continue
    const middle = tail === undefined ? '' : door.slice(head.length, door.length - tail.length)
    return join(workspace.folder, file.replace('*', middle))
  }
  throw new Error(`${from} imports ${name}, which ${workspace.folder}/package.json does not export`)
}

const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

import { cutText } from '../telemetry/cut-text.ts'
import { ANY, type Line, VALUE } from './line.ts'

/** How a value is written in the text of a template. */
const PLACE = '<*>'
const MAX_EXAMPLE = 300
const MAX_WORD = 64
/** Punctuation between two tokens that is shown. */
const MAX_BETWEEN = 4

const decoder = new TextDecoder()

/** What a template is made of. */
export interface TemplateForm {
  /** Token by token: hash of a word, VALUE or ANY. */
  readonly words: ArrayLike<number>
  /** Token by token: what stands before it, and the token; what values were need not be said. */
  readonly parts: readonly string[]
  /** A line, or '': one is made of the parts. */
  readonly example: string
}

/** The constant part of the lines that one statement writes, of one service. */
export class Template {
  /** Number that no other template ever gets (up to 2^26); from 1. */
  readonly serial: number
  readonly service: number
  /** Token by token: hash of a word, VALUE or ANY. */
  readonly words: Int32Array
  /** Where its counts are (counts.ts). */
  readonly owner: number
  /** Lines since it was made, halved whenever room is made. */
  hits = 0
  /** Evicted, or `into` another. */
  alive = true
  into: Template | undefined
  /** Its number in whatever process (template-id.ts), where somebody asked for it; 0: not known, or not since its words changed. */
  id = 0
  /** Punctuation before each token, and the token. */
  readonly #parts: readonly string[]
  #example: string | undefined
  #text: string | undefined

  constructor(serial: number, service: number, owner: number, { words, parts, example }: TemplateForm) {
    this.serial = serial
    this.service = service
    this.owner = owner
    this.words = Int32Array.from(words)
    this.#parts = parts
    this.#example = cutText(example === '' ? parts.join('') : example, MAX_EXAMPLE)
  }

  /** As it stands; what its values were is left out. */
  get form(): TemplateForm & { words: number[]; parts: string[] } {
    return {
      words: [...this.words],
      parts: this.#parts.map((part, i) => (i % 2 === 1 && isPlace(this.words[i >> 1]!) ? '' : part)),
      example: this.example,
    }
  }

  /** The line that it was made of, cut; its text once that was given up. */
  get example(): string {
    return this.#example ?? this.text
  }

  /** False: it was given up before. */
  forgetExample(): boolean {
    const had = this.#example !== undefined
    this.#example = undefined
    return had
  }

  /** The template for people: words, with `<*>` for each value. */
  get text(): string {
    this.#text ??= this.#parts
      .map((part, i) => (i % 2 === 1 && isPlace(this.words[i >> 1]!) ? PLACE : part))
      .join('')
    return this.#text
  }

  /** Whether the words of the line, or of another template, are this template's. */
  matches(words: ArrayLike<number>): boolean {
    const own = this.words
    for (let i = 0; i < own.length; i++) if (own[i] !== words[i] && own[i] !== ANY) return false
    return true
  }

  /** Whether the word at a place is in capitals, as names of states and currencies are. */
  inCapitals(at: number): boolean {
    return /^[A-Z][A-Z_]{2,}$/.test(this.#parts[2 * at + 1] ?? '')
  }

  /** Takes a word as one of many. */
  open(at: number): void {
    this.words[at] = ANY
    this.#text = undefined
    this.id = 0
  }
}

/** The one that a template has become, after merges. */
export function canonical(template: Template): Template {
  let last = template
  while (last.into !== undefined) last = last.into
  return last
}

function isPlace(word: number): boolean {
  return word === VALUE || word === ANY
}

/** Of a line that was cut from `body`, or from what its escapes stand for. */
export function formOf(line: Line, body: Uint8Array, example: string): TemplateForm {
  return { words: line.words.subarray(0, line.length), parts: partsOf(line, body), example }
}

function partsOf(line: Line, body: Uint8Array): string[] {
  const parts: string[] = []
  for (let i = 0; i < line.length; i++) {
    const buffer = line.buffers[i] === 0 ? body : line.unescaped
    const [start, end] = [line.starts[i]!, line.ends[i]!]
    const before = i > 0 && line.buffers[i - 1] === line.buffers[i] ? line.ends[i - 1]! : start
    const between = start - before
    if (i > 0)
      parts.push(between > 0 && between <= MAX_BETWEEN ? punctuation(buffer.subarray(before, start)) : ' ')
    else parts.push('')
    parts.push(decoder.decode(buffer.subarray(start, Math.min(end, start + MAX_WORD))))
  }
  return parts
}

function punctuation(bytes: Uint8Array): string {
  return (
    decoder
      .decode(bytes)
      .replaceAll(/["'\\]/g, '')
      .replaceAll(/\s+/g, ' ') || ' '
  )
}

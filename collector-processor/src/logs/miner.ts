import type { Line } from './line.ts'
import { ANY, VALUE } from './line.ts'
import { formOf, Template, type TemplateForm } from './template.ts'

/** Words at one place from which they are values, if the lines are alike in other ways. */
const MANY = 8
/** The same of words in capitals: currencies, methods, states. */
const MANY_CAPITALS = 3
/** Part of the words of two lines that must be the same for that. */
const ALIKE = 0.5
/** Lines remembered with their template, a power of two. */
const REMEMBERED = 1 << 15
/** Part of the templates that makes room when there is none. */
const EVICTED = 0.1
/** Numbers stay in 26 bits, so that two of them make one exact number. */
const MAX_SERIAL = 2 ** 26

export interface MinerOptions {
  readonly max_templates: number
  readonly max_templates_per_service: number
}

export interface MinerEvents {
  /** A place for the counts of a new template of a service. */
  owner(service: number): number
  /** No line will be given to this template any more; its history goes on in `template.into`, if that is set. */
  gone(template: Template): void
}

interface ServiceTemplates {
  /** By number of tokens: they differ in length, they differ. */
  readonly byLength: Map<number, Template[]>
  size: number
}

/**
 * Mines log templates online: each line, cut into words and values (scan-text.ts), is given to a template at once. As in Drain
 * (He, Zhu, Zheng, Lyu: Drain: An Online Log Parsing Approach with Fixed Depth Tree, ICWS 2017) lines are compared with the
 * templates of their length only. Otherwise than Drain, likeness alone merges nothing: `order placed` and `order refused` are
 * half the same and stay two. A word becomes a value when templates that are alike have shown MANY different words
 * at its place; then those that differ there alone become one, the oldest. So a variable word costs a few templates before it
 * is known, and no two statements are mixed for having words in common.
 *
 * A line whose words were seen before is found by their hash, without a comparison. Bounded: templates in all and for each
 * service; the least used make room. Deterministic: the same lines in the same order give the same templates. When it fails:
 * statements in capitals or of MANY variants that differ in one word are taken for one; free text of any length is not merged and
 * is evicted in the end.
 */
export class TemplateMiner {
  evicted = 0
  merged = 0
  size = 0
  readonly #options: MinerOptions
  readonly #events: MinerEvents
  readonly #services = new Map<number, ServiceTemplates>()
  readonly #keys = new Int32Array(2 * REMEMBERED)
  readonly #remembered: (Template | undefined)[] = new Array<Template | undefined>(REMEMBERED).fill(undefined)
  #serial = 0

  constructor(options: MinerOptions, events: MinerEvents) {
    this.#options = options
    this.#events = events
  }

  /**
   * The template of a line of a service. `body` is the buffer that the line was cut from; `example` gives the line as text, and is
   * asked for new templates only.
   */
  mine(service: number, line: Line, body: Uint8Array, example: () => string): Template {
    const { words, length } = line
    let a = service ^ 0x9e3779b9
    let b = length
    for (let i = 0; i < length; i++) {
      const word = words[i]!
      a = Math.imul(a ^ word, 0x85ebca6b)
      a ^= a >>> 15
      b = Math.imul((b << 5) ^ (b >>> 27) ^ word, 0xc2b2ae35)
    }
    const place = (a ^ (b >>> 16)) & (REMEMBERED - 1)
    const known = this.#remembered[place]
    if (
      known !== undefined &&
      this.#keys[2 * place] === a &&
      this.#keys[2 * place + 1] === b &&
      known.alive &&
      known.service === service
    ) {
      known.hits++
      return known
    }
    const template = this.#search(service, words, length, () => formOf(line, body, example()))
    template.hits++
    this.#keys[2 * place] = a
    this.#keys[2 * place + 1] = b
    this.#remembered[place] = template
    return template
  }

  /** The template of what another miner has made, or this one before: it is taken as a line with these words is. */
  adopt(service: number, form: TemplateForm): Template {
    return this.#search(service, form.words, form.words.length, () => form)
  }

  *all(): IterableIterator<Template> {
    for (const service of this.#services.keys()) yield* this.of(service)
  }

  *of(service: number): IterableIterator<Template> {
    for (const list of this.#services.get(service)?.byLength.values() ?? []) yield* list
  }

  #search(service: number, words: ArrayLike<number>, length: number, form: () => TemplateForm): Template {
    const templates = this.#templatesOf(service)
    const list = templates.byLength.get(length)
    for (const template of list ?? []) if (template.matches(words)) return template
    if (templates.size >= this.#options.max_templates_per_service) this.#evict([templates])
    if (this.size >= this.#options.max_templates) this.#evict([...this.#services.values()])
    this.#serial = (this.#serial % (MAX_SERIAL - 1)) + 1
    const made = new Template(this.#serial, service, this.#events.owner(service), form())
    // the list may have been emptied to make room
    const room = templates.byLength.get(length)
    if (room === undefined) templates.byLength.set(length, [made])
    else room.push(made)
    templates.size++
    this.size++
    return room === undefined ? made : this.#merge(made, room, templates)
  }

  /** Merges a new template with those that are alike, if they show a word that varies. Gives the one that it is now. */
  #merge(made: Template, list: Template[], templates: ServiceTemplates): Template {
    let group = list.filter((other) => alike(other.words, made.words))
    for (let round = 0; round < made.words.length; round++) {
      const open = placesOfMany(group)
      if (open.length === 0) return made
      const within = group.filter((other) => sameBut(other.words, made.words, open))
      if (within.length === group.length) {
        this.#join(group, open, list, templates)
        return group[0]!
      }
      // the others had their part in the count: count again without them
      group = within
    }
    return made
  }

  #join(
    group: readonly Template[],
    open: readonly number[],
    list: Template[],
    templates: ServiceTemplates,
  ): void {
    const [oldest, ...others] = group
    if (oldest === undefined) return
    for (const place of open) oldest.open(place)
    const gone = new Set(others)
    for (const other of others) {
      oldest.hits += other.hits
      other.into = oldest
      other.alive = false
      this.#events.gone(other)
    }
    const rest = list.filter((one) => !gone.has(one))
    templates.byLength.set(oldest.words.length, rest)
    templates.size -= others.length
    this.size -= others.length
    this.merged += others.length
  }

  #evict(from: readonly ServiceTemplates[]): void {
    const all = from.flatMap(({ byLength }) => [...byLength.values()].flat())
    all.sort((one, other) => one.hits - other.hits || one.serial - other.serial)
    const dropped = new Set(all.slice(0, Math.max(1, Math.floor(all.length * EVICTED))))
    for (const template of all) template.hits /= 2
    for (const template of dropped) {
      template.alive = false
      this.#events.gone(template)
    }
    for (const templates of from) {
      for (const [length, list] of templates.byLength) {
        const rest = list.filter((one) => !dropped.has(one))
        templates.size -= list.length - rest.length
        if (rest.length === 0) templates.byLength.delete(length)
        else templates.byLength.set(length, rest)
      }
    }
    this.size -= dropped.size
    this.evicted += dropped.size
  }

  #templatesOf(service: number): ServiceTemplates {
    let found = this.#services.get(service)
    if (found === undefined) {
      found = { byLength: new Map(), size: 0 }
      this.#services.set(service, found)
    }
    return found
  }
}

/** Whether values are at the same places and of the words at least ALIKE, and one, are the same. */
function alike(a: Int32Array, b: Int32Array): boolean {
  let [same, words] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    if ((a[i] === VALUE) !== (b[i] === VALUE) && a[i] !== ANY && b[i] !== ANY) return false
    if (a[i] === VALUE) continue
    words++
    if (a[i] === b[i]) same++
  }
  return same >= 1 && same >= ALIKE * words
}

/** Places at which the templates have so many different words that they must be values. */
function placesOfMany(group: readonly Template[]): number[] {
  const places: number[] = []
  for (let at = 0; at < (group[0]?.words.length ?? 0); at++) {
    const seen = new Set(group.map(({ words }) => words[at]))
    if (seen.size < MANY_CAPITALS && !seen.has(ANY)) continue
    const capitals = group.every((template) => template.inCapitals(at))
    if (seen.has(ANY) || seen.size >= (capitals ? MANY_CAPITALS : MANY)) places.push(at)
  }
  return places
}

function sameBut(a: Int32Array, b: Int32Array, places: readonly number[]): boolean {
  return a.every((word, at) => word === b[at] || places.includes(at))
}

import { Role } from './key-roles.ts'

export const ValueKind = { text: 0, escaped: 1, number: 2, list: 3 } as const
export type ValueKind = (typeof ValueKind)[keyof typeof ValueKind]

/** Members of a body that are looked at. */
const MAX_MEMBERS = 64
/** Objects within objects that are looked into. */
export const MAX_NESTING = 4

/** The leaves of a structured body, with where their keys and values are. Reused from body to body. */
export class Members {
  length = 0
  readonly roles = new Uint8Array(MAX_MEMBERS)
  /** Hash of the whole path of the key. */
  readonly paths = new Int32Array(MAX_MEMBERS)
  readonly depths = new Uint8Array(MAX_MEMBERS)
  readonly kinds = new Uint8Array(MAX_MEMBERS)
  readonly keyStarts = new Uint32Array(MAX_MEMBERS)
  readonly keyEnds = new Uint32Array(MAX_MEMBERS)
  readonly starts = new Uint32Array(MAX_MEMBERS)
  readonly ends = new Uint32Array(MAX_MEMBERS)
  /** Members by path, those of the same roles together; `sort` makes it. */
  readonly order = new Uint8Array(MAX_MEMBERS)

  get full(): boolean {
    return this.length >= MAX_MEMBERS
  }

  reset(): void {
    this.length = 0
  }

  add(
    role: Role,
    path: number,
    depth: number,
    keyStart: number,
    keyEnd: number,
    kind: ValueKind,
    start: number,
    end: number,
  ): void {
    const at = this.length
    if (at >= MAX_MEMBERS || role === Role.volatile) return
    this.roles[at] = role
    this.paths[at] = path
    this.depths[at] = depth
    this.keyStarts[at] = keyStart
    this.keyEnds[at] = keyEnd
    this.kinds[at] = kind
    this.starts[at] = start
    this.ends[at] = end
    this.length = at + 1
  }

  /** The message: of the members that may be it the outermost, and of those the first by path. -1 = none. */
  message(): number {
    let best = -1
    for (let i = 0; i < this.length; i++) {
      if (
        this.roles[i] !== Role.message ||
        this.kinds[i]! > ValueKind.escaped ||
        this.starts[i] === this.ends[i]
      )
        continue
      if (best < 0 || this.depths[i]! < this.depths[best]!) best = i
      else if (this.depths[i] === this.depths[best] && this.paths[i]! < this.paths[best]!) best = i
    }
    return best
  }

  /** The order of keys in a body means nothing: two bodies with the same keys are read alike. */
  sort(): void {
    const { order, paths } = this
    for (let i = 0; i < this.length; i++) {
      let at = i
      while (at > 0 && paths[order[at - 1]!]! > paths[i]!) {
        order[at] = order[at - 1]!
        at--
      }
      order[at] = i
    }
  }
}

/** Role of a member within another: what is in an error is about the error. */
export function roleWithin(outer: Role, own: Role): Role {
  if (outer === Role.error || outer === Role.volatile) return outer
  return own
}

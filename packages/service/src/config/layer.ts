/** One place that configuration comes from. Later layers win; maps are merged key by key, lists and values replaced. */
export interface Layer {
  readonly value: unknown
  /** Names the place of a key for messages. */
  source(path: readonly PropertyKey[]): string
}

/** All layers in one tree, and for each value that was set the layer that set it. */
export class Layers {
  tree: Record<string, unknown> = {}
  readonly #origins = new Map<string, { path: readonly PropertyKey[]; layer: Layer }>()

  add(layer: Layer): void {
    const merged = this.#merge(this.tree, layer.value, [], layer)
    if (isMap(merged)) this.tree = merged
  }

  /** The place of a key, or of the nearest set key above it; undefined where only defaults are. */
  sourceOf(path: readonly PropertyKey[]): string | undefined {
    for (let length = path.length; length > 0; length--) {
      const origin = this.#origins.get(keyOf(path.slice(0, length)))
      if (origin !== undefined) return origin.layer.source(path)
    }
    for (const { path: below, layer } of this.#origins.values()) {
      if (path.every((name, i) => name === below[i])) return layer.source(path)
    }
    return undefined
  }

  /** Every key that was set, with its place. */
  *set(): Generator<[path: readonly PropertyKey[], source: string]> {
    for (const { path, layer } of this.#origins.values()) yield [path, layer.source(path)]
  }

  #merge(base: unknown, over: unknown, path: readonly PropertyKey[], layer: Layer): unknown {
    // A key without a value (`edge:` with nothing under it, an empty variable) says nothing.
    if (over === undefined || over === null) return base
    if (!isMap(over)) {
      this.#origins.set(keyOf(path), { path, layer })
      return over
    }
    const merged: Record<string, unknown> = isMap(base) ? { ...base } : {}
    for (const [name, value] of Object.entries(over)) {
      const result = this.#merge(merged[name], value, [...path, name], layer)
      if (result !== undefined) define(merged, name, result)
    }
    return merged
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Assignment that makes `__proto__` a key like any other. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

const keyOf = (path: readonly PropertyKey[]) => JSON.stringify(path)

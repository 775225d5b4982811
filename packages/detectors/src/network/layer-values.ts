import { type NetworkSpec, weightLayers } from './spec.ts'

/** Looks a layer of a flat weight buffer up by its name; a view, not a copy. */
export function layerValues(spec: NetworkSpec, values: Float32Array): (name: string) => Float32Array {
  const layers = new Map(weightLayers(spec).map((layer) => [layer.name, layer]))
  return (name) => {
    const layer = layers.get(name)
    if (layer === undefined) throw new RangeError(`${spec.kind} has no layer ${name}`)
    return values.subarray(layer.offset, layer.offset + layer.length)
  }
}

import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Calls of a made-up system: services in layers, each calls some of the layers below, as micro-services do. */
export function layeredCalls(
  services: number,
  calls: number,
  seed: number,
): [client: number, server: number][] {
  const generator = xoroshiro128plus(seed)
  const known = new Set<number>()
  const edges: [number, number][] = []
  // a tree first, so that all hang together
  for (let server = 1; server < services; server++) add(uniformInt(generator, 0, server - 1), server)
  while (edges.length < calls) {
    const client = uniformInt(generator, 0, services - 2)
    add(client, uniformInt(generator, client + 1, services - 1))
  }
  return edges

  function add(client: number, server: number): void {
    const key = client * services + server
    if (known.has(key)) return
    known.add(key)
    edges.push([client, server])
  }
}

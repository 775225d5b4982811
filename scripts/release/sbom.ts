import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { shipped } from '../shipped.mjs'
import type { Artefact } from './artefact.ts'
import { npm } from './npm.ts'

const Ref = z.looseObject({ 'bom-ref': z.string() })
/** CycloneDX as npm writes it. Its serial number and time are of the moment. */
const Bom = z.looseObject({
  serialNumber: z.string(),
  metadata: z.looseObject({ timestamp: z.string(), component: Ref.extend({ name: z.string() }) }),
  components: z.array(Ref),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
})
const Locked = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
})
const Lock = z.object({ packages: z.record(z.string(), Locked) })

/**
 * Every npm package that is in the npm package's tree, the image or the pages, as CycloneDX: those whose licences `npm run check` looks at. What
 * runs is told by npm; what is built into the pages npm takes for needed in development alone, and it is told here, out of the lock file.
 */
export const sbom: Artefact = {
  name: 'SBOM',
  reproducible: true,
  make({ root, out, manifests, time }) {
    const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
    const { serialNumber: _serial, ...bom } = Bom.parse(
      JSON.parse(npm(['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], root)),
    )
    const parts = new Map(
      shipped({ packages }).map((path) => {
        const locked = packages[path] ?? Locked.parse({})
        const name = locked.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
        return [`${name}@${locked.version}`, componentOf(name, locked)]
      }),
    )
    const told = new Map(bom.components.map((component) => [component['bom-ref'], component]))
    const own = bom.metadata.component['bom-ref']
    const refs = [...parts.keys()].sort()
    const made = {
      ...bom,
      metadata: {
        ...bom.metadata,
        timestamp: time.toISOString(),
        component: { ...bom.metadata.component, name: manifests.root.name, type: 'application' },
      },
      components: refs.map((ref) => told.get(ref) ?? parts.get(ref)),
      dependencies: [
        { ref: own, dependsOn: refs },
        ...bom.dependencies
          .filter(({ ref }) => parts.has(ref))
          .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => parts.has(other)) })),
      ],
    }
    const file = `adf-${manifests.root.version}.cdx.json`
    writeFileSync(join(out, file), `${JSON.stringify(made, null, 2)}\n`)
    return { file }
  },
}

function componentOf(name: string, { version = '', integrity, license }: z.infer<typeof Locked>) {
  const [algorithm = '', digest = ''] = integrity?.split('-', 2) ?? []
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    scope: 'required',
    // https://github.com/package-url/purl-spec: the scope of npm is the namespace.
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(integrity === undefined
      ? {}
      : {
          hashes: [
            {
              alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
              content: Buffer.from(digest, 'base64').toString('hex'),
            },
          ],
        }),
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
  }
}

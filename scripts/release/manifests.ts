import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Workspaces } from './closure.ts'

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  workspaces: z.array(z.string()).default([]),
  description: z.string().optional(),
  exports: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
})
type Manifest = z.infer<typeof Manifest>
const Chart = z.looseObject({ version: z.string(), appVersion: z.string() })

/** All that is versioned, as the files say. */
export interface Manifests {
  readonly root: Manifest
  /** Folder -> its package.json. */
  readonly workspaces: ReadonlyMap<string, Manifest>
  readonly chart: z.infer<typeof Chart>
}

export function readManifests(root: string): Manifests {
  const read = (folder: string) =>
    Manifest.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')))
  const own = read('.')
  const folders = own.workspaces.flatMap((pattern) =>
    globSync(`${pattern}/package.json`, { cwd: root }).map(dirname),
  )
  return {
    root: own,
    workspaces: new Map(folders.sort().map((folder) => [folder, read(folder)])),
    chart: Chart.parse(parse(readFileSync(join(root, 'provisioning/kubernetes/adf/Chart.yaml'), 'utf8'))),
  }
}

export const namesOf = ({ workspaces }: Manifests): Workspaces =>
  new Map([...workspaces].map(([folder, { name, exports }]) => [name, { folder, exports }]))

/** What says another version than the root's package.json: a release has one. */
export function otherVersions({ root, workspaces, chart }: Manifests): string[] {
  const said = [
    ...[...workspaces].map(([folder, { version }]) => [`${folder}/package.json`, version] as const),
    ['provisioning/kubernetes/adf/Chart.yaml (version)', chart.version] as const,
    ['provisioning/kubernetes/adf/Chart.yaml (appVersion)', chart.appVersion] as const,
  ]
  return said
    .filter(([, version]) => version !== root.version)
    .map(([file, version]) => `${file} says ${version}, package.json ${root.version}`)
}

/** npm package -> version, of these folders together. Throws when two want different ones. */
export function dependenciesOf(
  { workspaces }: Manifests,
  folders: ReadonlySet<string>,
): Record<string, string> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const [name, version] of Object.entries(workspaces.get(folder)?.dependencies ?? {})) {
      const other = found.get(name)
      if (other !== undefined && other !== version)
        throw new Error(`${folder}/package.json wants ${name} ${version}, another workspace ${other}`)
      found.set(name, version)
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

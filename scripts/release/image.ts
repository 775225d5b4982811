import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Artefact } from './artefact.ts'

/**
 * The container image as an archive for `docker load`. Its layers carry the time of their build, so that two are never the same bytes: the digest
 * that a registry gives is what names it.
 */
export const image: Artefact = {
  name: 'image',
  reproducible: false,
  make({ root, out, manifests, revision }) {
    const docker = (...args: string[]) =>
      execFileSync('docker', args, {
        encoding: 'utf8',
        maxBuffer: 256 * 1024 * 1024,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    try {
      docker('version')
    } catch {
      return { left: 'no Docker daemon answers here' }
    }
    const { NODE_IMAGE: base, DOCKER_BUILD_ARGS: more = '' } = process.env
    const tag = `adf:${manifests.root.version}`
    const args = [
      `VERSION=${manifests.root.version}`,
      `REVISION=${revision}`,
      ...(base ? [`NODE_IMAGE=${base}`] : []),
    ]
    docker(
      'build',
      ...args.flatMap((arg) => ['--build-arg', arg]),
      ...more.split(' ').filter(Boolean),
      '-t',
      tag,
      root,
    )
    const file = `adf-${manifests.root.version}.image.tar`
    docker('save', '-o', join(out, file), tag)
    return { file }
  },
}

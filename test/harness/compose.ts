import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export const ROOT = join(import.meta.dirname, '../..')

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Service = z.looseObject({
  image: z.string(),
  command: z.array(Text).default([]),
  entrypoint: z.array(Text).optional(),
  environment: z.record(z.string(), Text).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
})
const ComposeFile = z.looseObject({ services: z.record(z.string(), Service) })

export type ComposeService = z.infer<typeof Service>

/** docker-compose.yml as Compose reads it, with these variables in place of those of an .env file. */
export function readCompose(
  variables: Readonly<Record<string, string>> = {},
): Record<string, ComposeService> {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
  return ComposeFile.parse(parse(interpolate(text, variables), { merge: true })).services
}

/** `${NAME}`, `${NAME:-default}` (also when it is empty) and `${NAME-default}`. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\{(\w+)(?:(:?)-([^}]*))?\}/g,
    (_whole, name: string, colon: string | undefined, fallback = '') => {
      const value = variables[name]
      return value === undefined || (value === '' && colon === ':') ? fallback : value
    },
  )
}

/** Names of the variables that the file asks for. */
export function composeVariables(): string[] {
  const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
  return [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''))].toSorted()
}

/** Where a path in the container of a service is on this machine, as its bind mounts say; undefined: nowhere. */
export function mounted(service: ComposeService, path: string): string | undefined {
  for (const volume of service.volumes) {
    const [source = '', target = ''] = volume.split(':')
    if (!source.startsWith('./') || !(path === target || path.startsWith(`${target}/`))) continue
    return join(ROOT, source, path.slice(target.length))
  }
  return undefined
}

/** `name:port` of other containers -> where they are here. Throws at an address of a service that `places` does not have. */
export function relocate(
  text: string,
  services: readonly string[],
  places: Readonly<Record<string, string>>,
): string {
  return text.replace(new RegExp(`\\b(${services.join('|')}):(\\d+)\\b`, 'g'), (address) => {
    const place = places[address]
    if (place === undefined) throw new Error(`nothing here stands for ${address}`)
    return place
  })
}

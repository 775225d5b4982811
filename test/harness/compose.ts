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
/** Of the other file: what is over that of the first. */
const Override = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      command: z.array(Text).exactOptional(),
      environment: z.record(z.string(), Text).exactOptional(),
      profiles: z.array(z.string()).exactOptional(),
    }),
  ),
})
const ComposeFile = z.looseObject({ services: z.record(z.string(), Service) })

export type ComposeService = z.infer<typeof Service>

/**
 * docker-compose.yml as Compose reads it, with these variables in place of those of an .env file, and docker-compose.small.yml over it when `small`. What waits for a
 * profile is left out then.
 */
export function readCompose(
  variables: Readonly<Record<string, string>> = {},
  small = false,
): Record<string, ComposeService> {
  const read = (file: string) =>
    parse(interpolate(readFileSync(join(ROOT, file), 'utf8'), variables), { merge: true })
  const { services } = ComposeFile.parse(read('docker-compose.yml'))
  if (!small) return services
  const { services: over } = Override.parse(read('docker-compose.small.yml'))
  const merged = Object.entries(services).map(([name, service]) => {
    const { environment, ...more } = over[name] ?? {}
    return [name, { ...service, ...more, environment: { ...service.environment, ...environment } }] as const
  })
  return Object.fromEntries(merged.filter(([, { profiles }]) => profiles.length === 0))
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

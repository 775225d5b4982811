import { randomInt } from 'node:crypto'
import type { Entity } from '@adf/contract'
import { Counter, type Registry } from 'prom-client'
import { contentKey } from './attributes.ts'
import { ByteDictionary } from './byte-dictionary.ts'
import { cutText } from './cut-text.ts'
import type { Resource } from './resource.ts'

export interface ResourceTable {
  /** Resource of encoded bytes; `decode` is called only for bytes that are not known. */
  internBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    decode: () => ReadonlyMap<string, string>,
  ): Resource
  intern(attributes: ReadonlyMap<string, string>): Resource
  readonly size: number
  /** While true those that are not known are treated as if there were no room; `refused` counts how often. */
  closed: boolean
  readonly refused: number
}

export interface ResourceTableOptions {
  readonly maxResources: number
  readonly maxServices: number
  /** The name of a service that was silent for so long is given up when others need its place, ms. */
  readonly forgetServicesAfter: number
  readonly clock: () => number
  readonly registry: Registry
  readonly seed?: number
}

const MAX_ATTRIBUTES = 64
const OTHER_SERVICE = '(other)'
/** After the SDKs' unknown_service: the collector's hostmetrics receiver names no host of its own accord. */
const UNKNOWN_HOST = 'unknown_host'
const MAX_ID = 512
const MAX_VALUE = 1024
const MAX_KEY = 256
const MEAN_BYTES = 2048
/** Look-ups, in times the places of the table, after which a resource that was not asked for may go. */
const IDLE_ROUNDS = 1.5
/** Of those, within so many it keeps its place in the order: moving it costs more than finding it. */
const SAME_ROUND = 1 / 16
/** Within so long a service keeps its place, ms. */
const SAME_MS = 1000

export function createResourceTable(options: ResourceTableOptions): ResourceTable {
  return new Table(options)
}

class Table implements ResourceTable {
  closed = false
  refused = 0
  private readonly options: ResourceTableOptions
  private readonly limited: Counter<'limit'>
  private readonly encodings: ByteDictionary
  private readonly byEncoding: Resource[] = []
  private readonly byContent = new Map<string, Resource>()
  /** When each was last asked for, oldest first. What is downstream of it (graph, entities) remembers it about as long. */
  private readonly services = new Map<string, number>()
  private readonly entities = new Map<string, Entity>()
  private next = 0
  private kept = 0
  private characters = 0
  private readonly maxCharacters: number
  private limitedSoFar = 0
  /** Resources that stand for many: they take no place. */
  private readonly standIns = new Set<Resource>()
  /** The look-up that each resource was last asked for in, oldest first. */
  private readonly lastUse = new Map<Resource, number>()
  private lookUps = 0
  /** How many resources hold a graph node (`node NAME`) and an entity (`KIND ID`). */
  private readonly held = new Map<string, number>()

  constructor(options: ResourceTableOptions) {
    this.options = options
    this.maxCharacters = Math.min(options.maxResources * MEAN_BYTES, 64 * 2 ** 20)
    this.encodings = new ByteDictionary({
      limit: options.maxResources,
      maxBytes: this.maxCharacters,
      seed: options.seed ?? randomInt(2 ** 32),
    })
    this.limited = new Counter({
      name: 'adf_resources_limited_total',
      help: 'Requests for a resource past max_resources (it loses its instance) or max_services (it becomes (other)).',
      labelNames: ['limit'],
      registers: [options.registry],
    })
  }

  get size(): number {
    return this.byContent.size
  }

  internBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    decode: () => ReadonlyMap<string, string>,
  ): Resource {
    const known = this.encodings.find(bytes, start, end)
    if (known >= 0) {
      const resource = this.byEncoding[known]!
      if (this.lastUse.has(resource)) return this.use(resource)
    }
    const before = this.limitedSoFar
    const resource = this.intern(decode())
    // What was limited is decoded again each time, so that each is counted.
    if (this.limitedSoFar !== before) return resource
    if (known >= 0) {
      this.byEncoding[known] = resource
      return resource
    }
    if (this.encodings.add(bytes, start, end) < 0) {
      // One resource may come in many encodings; forgetting them costs one decoding each.
      this.encodings.clear()
      this.byEncoding.length = 0
      if (this.encodings.add(bytes, start, end) < 0) return resource
    }
    this.byEncoding.push(resource)
    return resource
  }

  intern(attributes: ReadonlyMap<string, string>): Resource {
    const all = limitAttributes(attributes)
    const key = contentKey(all)
    const known = this.byContent.get(key)
    if (known !== undefined) return this.use(known)
    const service = serviceNode(all)
    if (this.full(service, key)) this.makeRoom()
    if (this.closed) this.refused++
    if (service !== '' && !this.services.has(service)) {
      if (this.closed || this.services.size >= this.options.maxServices)
        return this.reduced('services', OTHER_NAME)
    }
    if (this.full('', key)) return this.reduced('resources', withoutInstance(all))
    this.kept++
    this.characters += key.length
    return this.use(this.keep(key, all))
  }

  private use(resource: Resource): Resource {
    const { service } = resource
    if (service !== '' && service !== OTHER_SERVICE) {
      const nowMs = this.options.clock()
      const lastUseMs = this.services.get(service)
      if (lastUseMs === undefined || nowMs - lastUseMs >= SAME_MS) {
        this.services.delete(service)
        this.services.set(service, nowMs)
      }
    }
    const lookUp = this.lookUps++
    const lastUse = this.lastUse.get(resource)
    if (lastUse === undefined || lookUp - lastUse >= this.options.maxResources * SAME_ROUND) {
      this.lastUse.delete(resource)
      this.lastUse.set(resource, lookUp)
    }
    return resource
  }

  private full(service: string, key: string): boolean {
    if (service !== '' && !this.services.has(service) && this.services.size >= this.options.maxServices)
      return true
    if (this.closed) return true
    return this.kept >= this.options.maxResources || this.characters + key.length > this.maxCharacters
  }

  /**
   * Forgets what was not asked for during many look-ups: pods come and go. One that comes again is a new one, which costs a decoding and
   * one interval of its counters. When all are in use none is forgotten, or they would push out one another for ever.
   */
  private makeRoom(): void {
    this.forgetResources()
    const silentSince = this.options.clock() - this.options.forgetServicesAfter
    for (const [service, lastUseMs] of this.services) {
      if (lastUseMs > silentSince) return
      if (!this.held.has(`node ${service}`)) this.services.delete(service)
    }
  }

  private forgetResources(): void {
    const since = this.lookUps - IDLE_ROUNDS * this.options.maxResources
    for (const [resource, lastUse] of this.lastUse) {
      if (lastUse >= since) return
      this.lastUse.delete(resource)
      const key = contentKey(resource.attributes)
      this.byContent.delete(key)
      if (!this.standIns.delete(resource)) {
        this.kept--
        this.characters -= key.length
      }
      if (resource.service !== '') this.release(`node ${resource.service}`)
      for (const entity of [resource.serviceEntity, resource.hostEntity])
        if (entity !== undefined && this.release(entityKey(entity))) this.entities.delete(entityKey(entity))
    }
  }

  private hold(name: string): void {
    this.held.set(name, (this.held.get(name) ?? 0) + 1)
  }

  /** True when nothing holds it any more. */
  private release(name: string): boolean {
    const left = (this.held.get(name) ?? 1) - 1
    if (left > 0) this.held.set(name, left)
    else this.held.delete(name)
    return left <= 0
  }

  /** A resource that stands for many: at most one for each service, one for (other) and one without a service. */
  private reduced(limit: 'resources' | 'services', attributes: ReadonlyMap<string, string>): Resource {
    this.limited.inc({ limit })
    this.limitedSoFar++
    const key = contentKey(attributes)
    const known = this.byContent.get(key)
    if (known !== undefined) return this.use(known)
    const resource = this.keep(key, attributes)
    this.standIns.add(resource)
    return this.use(resource)
  }

  private keep(key: string, attributes: ReadonlyMap<string, string>): Resource {
    const service = serviceNode(attributes)
    const host = attributes.get('host.name') || (service === '' ? UNKNOWN_HOST : undefined)
    const resource: Resource = {
      index: this.next++,
      service,
      serviceEntity: this.entity(serviceEntity(attributes)),
      hostEntity: host ? this.entity({ id: host.slice(0, MAX_ID), kind: 'host', host }) : undefined,
      attributes,
    }
    this.byContent.set(key, resource)
    if (service !== '') this.hold(`node ${service}`)
    for (const entity of [resource.serviceEntity, resource.hostEntity])
      if (entity !== undefined) this.hold(entityKey(entity))
    return resource
  }

  /** Resources of one entity share the object. */
  private entity(entity: Entity | undefined): Entity | undefined {
    if (entity === undefined) return undefined
    const key = entityKey(entity)
    const known = this.entities.get(key)
    if (known !== undefined) return known
    this.entities.set(key, entity)
    return entity
  }
}

const entityKey = ({ kind, id }: Entity): string => `${kind} ${id}`

const OTHER_NAME: ReadonlyMap<string, string> = new Map([['service.name', OTHER_SERVICE]])

function withoutInstance(attributes: ReadonlyMap<string, string>): Map<string, string> {
  const kept = ['service.namespace', 'service.name'].flatMap((name) => {
    const value = attributes.get(name)
    return value ? [[name, value] as const] : []
  })
  return new Map(kept)
}

function serviceNode(attributes: ReadonlyMap<string, string>): string {
  const name = attributes.get('service.name')
  if (!name) return ''
  const namespace = attributes.get('service.namespace')
  return (namespace ? `${namespace}/${name}` : name).slice(0, MAX_ID)
}

function serviceEntity(attributes: ReadonlyMap<string, string>): Entity | undefined {
  const service = attributes.get('service.name')
  if (!service) return undefined
  const namespace = attributes.get('service.namespace')
  const instance = attributes.get('service.instance.id')
  const host = attributes.get('host.name')
  const id = [namespace, service, instance]
    .filter((part) => part)
    .join('/')
    .slice(0, MAX_ID)
  return {
    id,
    kind: 'service',
    service,
    ...(namespace && { namespace }),
    ...(instance && { instance }),
    ...(host && { host }),
  }
}

const NAMING = ['service.name', 'service.namespace', 'service.instance.id', 'host.name']

/** The naming attributes and the first others, 64 in all, values cut at 1024 characters; keys over 256 are left out. */
function limitAttributes(attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = [...attributes]
    .filter(([key]) => key.length <= MAX_KEY)
    .map(([key, value]) => [key, cutText(value, MAX_VALUE)] as const)
  const naming = all.filter(([key]) => NAMING.includes(key))
  const others = all.filter(([key]) => !NAMING.includes(key))
  return new Map([...naming, ...others.slice(0, MAX_ATTRIBUTES - naming.length)])
}

import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { attributeMap } from './attributes.ts'
import { createResourceTable } from './resource-table.ts'

const FORGET_MS = 60_000

function table(maxResources = 100, maxServices = 100) {
  const registry = new Registry()
  const time = { nowMs: 0 }
  const clock = () => time.nowMs
  const options = { maxResources, maxServices, forgetServicesAfter: FORGET_MS, clock, registry }
  return { registry, time, resources: createResourceTable(options) }
}

const checkout = {
  'service.namespace': 'shop',
  'service.name': 'checkout',
  'service.instance.id': 'checkout-1',
  'host.name': 'node-7',
}

describe('resource table', () => {
  it('names the entities and the graph node', () => {
    const resource = table().resources.intern(attributeMap(checkout))
    expect(resource.serviceEntity).toEqual({
      id: 'shop/checkout/checkout-1',
      kind: 'service',
      namespace: 'shop',
      service: 'checkout',
      instance: 'checkout-1',
      host: 'node-7',
    })
    expect(resource.hostEntity).toEqual({ id: 'node-7', kind: 'host', host: 'node-7' })
    expect(resource.service).toBe('shop/checkout')
  })

  it('takes no new name while it is closed, knows those that it has, and counts', async () => {
    const { resources, registry } = table()
    const known = resources.intern(attributeMap(checkout))
    resources.closed = true
    expect(resources.intern(attributeMap(checkout))).toBe(known)
    expect(resources.refused).toBe(0)
    const pod = resources.intern(attributeMap({ ...checkout, 'service.instance.id': 'checkout-2' }))
    expect([pod.service, pod.serviceEntity?.id]).toEqual(['shop/checkout', 'shop/checkout'])
    for (const name of ['a', 'b'])
      expect(resources.intern(attributeMap({ 'service.name': name })).service).toBe('(other)')
    expect(resources.refused).toBe(3)
    expect(await registry.metrics()).toContain('adf_resources_limited_total{limit="services"} 2')
    resources.closed = false
    expect(resources.intern(attributeMap({ 'service.name': 'a' })).service).toBe('a')
  })

  it('leaves empty parts out', () => {
    const { resources } = table()
    const named = resources.intern(attributeMap({ 'service.name': 'cart', 'service.namespace': '' }))
    expect([named.serviceEntity?.id, named.service, named.hostEntity]).toEqual(['cart', 'cart', undefined])
    const host = resources.intern(attributeMap({ 'host.name': 'node-7' }))
    expect([host.serviceEntity, host.service, host.hostEntity?.id]).toEqual([undefined, '', 'node-7'])
  })

  it('calls the host of telemetry that names neither host nor service unknown_host', () => {
    const unnamed = table().resources.intern(attributeMap({ 'os.type': 'linux' }))
    expect([unnamed.serviceEntity, unnamed.hostEntity?.id]).toEqual([undefined, 'unknown_host'])
  })

  it('gives one object for one set of attributes, in any order and encoding, and decodes known bytes once', () => {
    const { resources } = table()
    const first = resources.intern(attributeMap(checkout))
    const reversed = new Map([...attributeMap(checkout)].reverse())
    expect(resources.intern(reversed)).toBe(first)
    let decoded = 0
    const decode = () => {
      decoded++
      return reversed
    }
    const bytes = Uint8Array.of(1, 2, 3, 9)
    expect(resources.internBytes(bytes, 0, 3, decode)).toBe(first)
    expect(resources.internBytes(bytes, 0, 3, decode)).toBe(first)
    expect(decoded).toBe(1)
  })

  it('drops the instance past the limit of resources and counts it', async () => {
    const { registry, resources } = table(2)
    resources.intern(attributeMap({ 'service.name': 'cart', 'service.instance.id': '1' }))
    resources.intern(attributeMap({ 'service.name': 'cart', 'service.instance.id': '2' }))
    const third = resources.intern(attributeMap({ 'service.name': 'cart', 'service.instance.id': '3' }))
    const fourth = resources.intern(attributeMap({ 'service.name': 'cart', 'service.instance.id': '4' }))
    expect(third.serviceEntity?.id).toBe('cart')
    expect(fourth).toBe(third)
    expect(await registry.metrics()).toContain('adf_resources_limited_total{limit="resources"} 2')
  })

  it('keeps ten thousand new services a minute within the limit of services', async () => {
    const { registry, resources } = table(1000, 50)
    const seen = new Set(
      Array.from({ length: 10_000 }, (_, i) => resources.intern(attributeMap({ 'service.name': `s${i}` }))),
    )
    expect(seen.size).toBe(51)
    expect([...seen].at(-1)?.service).toBe('(other)')
    expect(resources.intern(attributeMap({ 'service.name': 's3' })).service).toBe('s3')
    expect(await registry.metrics()).toContain('adf_resources_limited_total{limit="services"} 9950')
  })

  it('bounds the text of all resources together, and leaves out keys that are texts themselves', async () => {
    const { registry, resources } = table(100)
    for (let i = 0; i < 100; i++) {
      const wide = Object.fromEntries(
        Array.from({ length: 60 }, (_, n) => [`k${n}`, `${i}${'x'.repeat(5000)}`]),
      )
      resources.intern(attributeMap({ ...checkout, ...wide }))
    }
    // 100 resources may hold 2 KiB each on average; these would hold 60.
    expect(resources.size).toBeLessThan(6)
    expect(await registry.metrics()).toMatch(/adf_resources_limited_total\{limit="resources"\} 9\d/)
    const long = table().resources.intern(attributeMap({ ...checkout, ['k'.repeat(300)]: 'v' }))
    expect([...long.attributes.keys()]).toEqual(expect.arrayContaining(Object.keys(checkout)))
    expect(long.attributes.size).toBe(4)
  })

  it('keeps naming attributes and 64 attributes in all', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))
    const resource = table().resources.intern(attributeMap({ ...many, 'service.name': 'cart' }))
    expect(resource.attributes.size).toBe(64)
    expect(resource.service).toBe('cart')
  })

  it('has room again when instances and services go and others come', () => {
    const { resources, time } = table(50, 20)
    const pod = (service: string, instance: number) =>
      resources.intern(
        attributeMap({ 'service.name': service, 'service.instance.id': `${service}-${instance}` }),
      )
    const lasting = pod('lasting', 0)
    for (let round = 0; round < 400; round++) {
      time.nowMs += FORGET_MS / 100
      const service = `service-${Math.floor(round / 10)}`
      expect(pod(service, round).serviceEntity?.instance).toBe(`${service}-${round}`)
      expect(pod('lasting', 0)).toBe(lasting)
    }
    expect(resources.size).toBeLessThanOrEqual(52)
  })

  it('keeps what is in use: more live instances than places lose their instance, and are counted', async () => {
    const { resources, registry } = table(10)
    const pod = (instance: number) =>
      resources.intern(attributeMap({ 'service.name': 'cart', 'service.instance.id': `${instance}` }))
    const first = Array.from({ length: 10 }, (_, i) => pod(i))
    for (let round = 0; round < 5; round++) {
      for (const [i, resource] of first.entries()) expect(pod(i)).toBe(resource)
      expect(pod(10 + round).serviceEntity?.instance).toBeUndefined()
    }
    expect(await registry.metrics()).toContain('adf_resources_limited_total{limit="resources"} 5')
  })

  it('does not gather what stands for services that have gone', () => {
    const { resources, time } = table(10, 20)
    const pod = (service: string, instance: number) =>
      resources.intern(attributeMap({ 'service.name': service, 'service.instance.id': `${instance}` }))
    for (let round = 0; round < 500; round++) {
      time.nowMs += FORGET_MS / 5
      for (let i = 0; i < 10; i++) pod('busy', i)
      pod(`short-lived-${round}`, 0)
    }
    expect(resources.size).toBeLessThan(40)
    expect(pod('short-lived-500', 0).service).toBe('short-lived-500')
  })
})

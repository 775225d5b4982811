import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { federationApi } from './federation/routes.ts'
import { feedbackApi } from './feedback/routes.ts'
import { openApiDocument } from './openapi.ts'
import type { Api } from './route.ts'
import { processorApi } from './routes.ts'

const apis: readonly [name: string, api: Api][] = [
  ['processor', processorApi],
  ['federation server', federationApi],
  ['Alertmanager webhook', feedbackApi],
]

describe.each(apis)('the document of the %s', (_, api) => {
  const document = openApiDocument(api, '1.2.3')

  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate({ ...structuredClone(document) })
    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  test('has every route under its method', () => {
    const found = Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
      )
      .sort()
    const declared = Object.entries(api.routes).map(([name, { method, path }]) => `${name} ${method} ${path}`)
    expect(found).toEqual(declared.sort())
  })

  test('has a component for every reference, and no other', () => {
    const names = Object.keys(document.components.schemas)
    const used = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target)
    expect(used.length).toBeGreaterThan(50)
    expect(new Set(used)).toEqual(new Set(names.map((name) => `#/components/schemas/${name}`)))
  })

  test('names security schemes that are there', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    const named = operations.flatMap(({ security }) =>
      Array.isArray(security) ? security.flatMap((one: object) => Object.keys(one)) : [],
    )
    expect(new Set(named)).toEqual(new Set(Object.keys(document.components.securitySchemes)))
  })
})

test('parameters say whether they are required, and their limits', () => {
  const { paths } = openApiDocument(processorApi, '1.2.3')
  expect(paths['/api/anomalies']?.['get']?.parameters).toContainEqual({
    name: 'limit',
    in: 'query',
    required: false,
    description: 'items on a page',
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  })
  expect(paths['/api/incidents/{id}']?.['get']?.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 64 } },
  ])
})

test('bytes go by their media type alone', () => {
  const { paths } = openApiDocument(federationApi, '1.2.3')
  const submit = paths['/federation/v1/runs/{run}/rounds/{round}/update']?.['post']
  expect(submit?.['requestBody']).toEqual({
    required: true,
    content: { 'application/vnd.adf.update': {} },
  })
  expect(submit?.['security']).toEqual([{ signature: [] }])
})

import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { openApiDocument } from './openapi.ts'
import { processorApi, routes } from './routes.ts'

const document = openApiDocument(processorApi, '1.2.3')

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  const result = await validator.validate({ ...structuredClone(document) })
  expect(result.errors).toBeUndefined()
  expect(result.valid).toBe(true)
  expect(validator.version).toBe('3.1')
})

test('every route is there under its method, with its scope', () => {
  const found = Object.entries(document.paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
    )
    .sort()
  const declared = Object.entries(routes).map(([name, { method, path }]) => `${name} ${method} ${path}`)
  expect(found).toEqual(declared.sort())
})

test('every reference leads to a component', () => {
  const names = Object.keys(document.components.schemas)
  const used = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => target)
  expect(used.length).toBeGreaterThan(50)
  expect(new Set(used)).toEqual(new Set(names.map((name) => `#/components/schemas/${name}`)))
})

test('parameters say whether they are required, and their limits', () => {
  const { paths } = document
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

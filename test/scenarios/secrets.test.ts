import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createToken } from '@adf/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'
import { freePort, runAdf, temporaryFolder, until } from '../harness/process.ts'

/** Each place has its own mark, so that a failure says which leaks. */
const mark = (place: string) => `MARKED-${place}-0123456789abcdef0123456789abcdef`
const found = (text: string) => [...new Set(text.match(/MARKED-[A-Z_]+/g))]

const admin = createToken()
const files = temporaryFolder()
const fileOf = (place: string) => {
  const path = join(files.path, place)
  writeFileSync(path, `${mark(place)}\n`)
  return path
}
let adf: Awaited<ReturnType<typeof startAdf>>

beforeAll(async () => {
  // Nobody listens there: every destination fails, and what fails is told.
  const nobody = await freePort()
  adf = await startAdf({
    auth: { tokens: [{ name: 'ops', sha256: admin.sha256, scopes: ['admin'] }] },
    deliver: {
      alertmanager: {
        urls: [`http://me:${mark('ALERTMANAGER')}@127.0.0.1:${nobody}/?key=${mark('PARAMETER')}`],
        bearer_token_file: fileOf('BEARER'),
      },
      feedback: { url: 'http://127.0.0.1:1', secret: mark('LINKS') },
      forward: [
        {
          name: 'http',
          protocol: 'http',
          endpoint: `http://me:${mark('FORWARD')}@127.0.0.1:${nobody}/x?key=${mark('QUERY')}`,
          headers: { 'x-team': mark('HEADER'), authorization: `Bearer ${mark('AUTHORIZATION')}` },
          max_elapsed: '1ms',
        },
        {
          name: 'grpc',
          protocol: 'grpc',
          endpoint: `127.0.0.1:${nobody}`,
          headers: { 'x-team': mark('METADATA') },
          max_elapsed: '1ms',
        },
      ],
    },
    federation: {
      enabled: true,
      url: `http://127.0.0.1:${nobody}`,
      token: mark('FEDERATION'),
      state: files.path,
    },
  })
})
afterAll(async () => {
  await adf.stop()
  files.remove()
})

const asked = (path: string, token = admin.token, init: RequestInit = {}) =>
  fetch(`${adf.api}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })

test('no secret of configuration, header or address is in log, answers, errors, metrics or support bundle', async () => {
  const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [] }] })
  await fetch(`http://127.0.0.1:${adf.httpPort}/v1/traces?token=${mark('GIVEN')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
    body,
  })
  const refusals = await Promise.all([
    asked(`/api/status?token=${mark('GIVEN')}`),
    asked(`/api/nowhere?token=${mark('GIVEN')}`),
    asked('/api/status', mark('GIVEN')),
    asked('/api/feedback', mark('GIVEN'), { method: 'POST', body: '{}' }),
    fetch(`http://127.0.0.1:${adf.httpPort}/v1/nowhere?token=${mark('GIVEN')}`, { method: 'POST', body }),
    fetch(`http://127.0.0.1:${adf.httpPort}/v1/traces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${mark('GIVEN')}`, 'content-type': 'application/json' },
      body,
    }),
  ])
  for (const refusal of refusals) {
    expect(refusal.status).toBeGreaterThanOrEqual(400)
    expect(found(await refusal.text())).toEqual([])
  }
  const metrics = await until('both copies were given up', async () => {
    const text = await (await asked('/metrics')).text()
    return /endpoint="http"[^\n]*max_elapsed[^\n]*[1-9]/.test(text) &&
      /endpoint="grpc"[^\n]*max_elapsed[^\n]*[1-9]/.test(text)
      ? text
      : undefined
  })
  const status = await until('it told of its federation server', async () => {
    const text = await (await asked('/api/status')).text()
    return text.includes('ECONNREFUSED') ? text : undefined
  })
  const [logFile, bundle] = [join(files.path, 'adf.log'), join(files.path, 'bundle.json')]
  writeFileSync(logFile, adf.process.output())
  const config = join(adf.folder, 'adf.yaml')
  const doctor = runAdf(['doctor', '--config', config, '--bundle', bundle, '--log', logFile], {
    env: { ADF_TOKEN: admin.token },
  })
  await doctor.exited
  const printed = runAdf(['config', 'print', '--config', config])
  await printed.exited
  const told = {
    metrics,
    status,
    log: adf.process.output(),
    doctor: doctor.output(),
    printed: printed.output(),
    bundle: await readFile(bundle, 'utf8'),
  }
  for (const [where, text] of Object.entries(told)) {
    expect({ where, found: found(text), token: text.includes(admin.token) }).toEqual({
      where,
      found: [],
      token: false,
    })
  }
  expect(JSON.parse(told.bundle)).toMatchObject({
    status: { version: expect.any(String) },
    schema: expect.any(Array),
  })
  expect(JSON.parse(told.bundle).log.length).toBeGreaterThan(3)
})

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startAdf } from '../harness/adf.ts'
import { freePort, runAdf, temporaryFolder, until } from '../harness/process.ts'
import { requestOf, wireSpan } from './protobuf.ts'
import { postProtobuf } from './requests.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

async function up(config: object, ...more: string[]) {
  const ports = { grpc: { port: await freePort() }, http: { port: await freePort() } }
  const file = join(folder.path, `adf-${ports.grpc.port}.json`)
  writeFileSync(
    file,
    JSON.stringify({
      receiver: ports,
      api: { port: await freePort() },
      store: { path: ':memory:' },
      ...config,
    }),
  )
  const process = runAdf(['up', '--config', file, ...more])
  return { status: await process.exited, output: process.output() }
}

const traces = requestOf('late', wireSpan())

/** A request of which half is sent; `finish` sends the rest and resolves to the status. */
async function halfSent(port: number) {
  const half = request(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-length': traces.length },
  })
  const answered = new Promise<number>((resolve, reject) => {
    half.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject)
  })
  answered.catch(() => {})
  await new Promise((resolve) => half.write(traces.subarray(0, 20), resolve))
  return {
    finish: () => {
      half.end(traces.subarray(20))
      return answered
    },
    answered,
    cut: () => half.destroy(),
  }
}

describe('signals', () => {
  test('SIGTERM: who is in the middle of a request gets its answer, others are told, exit 0', async () => {
    const adf = await startAdf()
    const half = await halfSent(adf.httpPort)
    await until(
      'the half request is seen',
      async () => (await adf.metric('adf_receiver_in_flight_bytes')) > 0,
    )
    adf.process.child.kill('SIGTERM')
    await until('the receiver is closed', async () =>
      postProtobuf(adf.httpPort, 'traces', traces).then(
        () => false,
        () => true,
      ),
    )
    expect(await half.finish()).toBe(200)
    expect(await adf.process.exited).toBe(0)
    expect(adf.process.output()).toContain('stopped')
    await adf.stop()
  })

  test('a second signal does not wait', async () => {
    const adf = await startAdf()
    const half = await halfSent(adf.httpPort)
    await until(
      'the half request is seen',
      async () => (await adf.metric('adf_receiver_in_flight_bytes')) > 0,
    )
    adf.process.child.kill('SIGTERM')
    await until('the first signal is heard', () => adf.process.output().includes('stopping'))
    adf.process.child.kill('SIGTERM')
    expect(await adf.process.exited).toBe(1)
    await expect(half.answered).rejects.toThrow()
    await adf.stop()
  })
})

describe('what keeps ADF from starting', () => {
  test('every fault of the configuration at once, each with its path; exit 2', async () => {
    const { status, output } = await up({
      receiver: { grpc: { port: 99_999 }, max_request_size: 'much', max_servces: 5 },
      edge: { window: '-3s', detection: { initial_threshold: 2, detectors: ['magic'] } },
      deliver: { alertmanager: { urls: ['ftp://x'] } },
      auth: { tokens: [{ name: 'x', sha256: 'abc', scopes: [] }] },
      store: { path: 7 },
    })
    expect(status).toBe(2)
    for (const path of [
      'receiver.grpc.port',
      'receiver.max_request_size',
      'receiver.max_servces',
      'edge.window',
      'edge.detection.initial_threshold',
      'edge.detection.detectors[0]',
      'deliver.alertmanager.urls[0]',
      'auth.tokens[0].sha256',
      'auth.tokens[0].scopes',
      'store.path',
    ]) {
      expect(output).toContain(path)
    }
    expect(output).not.toMatch(/\n\s+at /)
  })

  test('a file that is no YAML, is none at all, or a variable that fits nothing; exit 2', async () => {
    const broken = join(folder.path, 'broken.yaml')
    writeFileSync(broken, 'receiver: [\n  }')
    const cases = [
      [['--config', broken], {}, 'broken.yaml'],
      [['--config', join(folder.path, 'none.yaml')], {}, 'none.yaml'],
      [['--config', folder.path], {}, folder.path],
      [[], { ADF_EDGE__WINDOW: 'soon' }, 'ADF_EDGE__WINDOW'],
      [['--set', 'edge.windw=1s'], {}, 'edge.windw'],
    ] as const
    await Promise.all(
      cases.map(async ([args, env, named]) => {
        const adf = runAdf(['up', ...args], { env })
        expect(await adf.exited).toBe(2)
        expect(adf.output()).toContain(named)
        expect(adf.output()).not.toMatch(/\n\s+at /)
      }),
    )
  })

  test('listening beyond loopback with nothing that keeps strangers out; exit 2 with the ways out', async () => {
    const ports = { grpc: { host: '0.0.0.0', port: await freePort() }, http: { port: await freePort() } }
    const { status, output } = await up({ receiver: ports })
    expect(status).toBe(2)
    expect(output).toContain('receiver.grpc.host: ')
    for (const way of ['0.0.0.0', '127.0.0.1', 'auth.tokens', 'tls.client_ca_file', '--insecure']) {
      expect(output).toContain(way)
    }
  })

  test('a port that is taken; exit 1 with the port', async () => {
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
    const { status, output } = await up({ api: { port } })
    const ports = { grpc: { port }, http: { port: await freePort() } }
    const receiver = await up({ receiver: ports })
    taken.close()
    expect(status).toBe(1)
    // For a person: no line of the log, no stack.
    expect(output).toBe(
      `error: api cannot listen on 127.0.0.1:${port}: the port is taken by another process; stop that one, or set api.port (adf doctor says who has it)\n`,
    )
    expect(receiver.status).toBe(1)
    expect(receiver.output.trimEnd().split('\n').at(-1)).toMatch(
      /^error: receiver\.grpc cannot listen on .* set receiver\.grpc\.port/,
    )
    expect(receiver.output).not.toContain('"level":"fatal"')
    expect(receiver.output).not.toMatch(/\n\s+at /)
  })

  test('certificates that are none; exit 2 with key and file', async () => {
    const file = join(folder.path, 'not.pem')
    writeFileSync(file, 'no certificate')
    const tls = { cert_file: file, key_file: file }
    const { status, output } = await up({ api: { port: await freePort(), tls } })
    expect(status).toBe(2)
    expect(output).toContain('api.tls.cert_file')
    expect(output).toContain('api.tls.key_file')
    expect(output).toContain('not.pem')
  })
})

describe('a store that cannot be used', () => {
  const expectRefused = async (path: string) => {
    const { status, output } = await up({ store: { path } })
    expect(status).toBe(1)
    expect(output).toContain(path)
    expect(output).not.toMatch(/\n\s+at /)
  }

  test('is no database', async () => {
    const path = join(folder.path, 'garbage.db')
    writeFileSync(path, 'this is not a database, and long enough to be read as one. '.repeat(200))
    const before = readFileSync(path)
    await expectRefused(path)
    // It may be somebody's file.
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('is a folder, or below a file', async () => {
    mkdirSync(join(folder.path, 'folder.db'))
    await expectRefused(join(folder.path, 'folder.db'))
    writeFileSync(join(folder.path, 'file'), '')
    await expectRefused(join(folder.path, 'file', 'adf.db'))
  })

  test('was cut in the middle', async () => {
    const adf = await startAdf()
    await adf.kill('SIGTERM')
    const path = join(folder.path, 'cut.db')
    const whole = readFileSync(join(adf.folder, 'adf.db'))
    const cut = Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(8192, 0x5a)])
    writeFileSync(path, cut)
    await adf.stop()
    await expectRefused(path)
  })

  // Root may write what is read-only.
  test.skipIf(process.getuid?.() === 0)('is read-only', async () => {
    const path = join(folder.path, 'readonly.db')
    writeFileSync(path, '')
    chmodSync(path, 0o400)
    await expectRefused(path)
  })
})

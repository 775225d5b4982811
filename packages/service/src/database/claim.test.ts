import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { claimDatabase, shareDatabase } from './claim.ts'
import { DatabaseError } from './error.ts'
import { openDatabase } from './open.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'adf-claim-'))
  path = join(folder, 'adf.db')
  await (await openDatabase({ path })).destroy()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Another process that holds the claim. */
async function holder(): Promise<ChildProcess> {
  const program = `import { claimDatabase } from ${JSON.stringify(join(import.meta.dirname, 'claim.ts'))}
    await claimDatabase(${JSON.stringify(path)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a second process is refused with the pid of the first, until that one is gone, even by SIGKILL', async () => {
  const first = await holder()
  const refused = claimDatabase(path)
  await expect(refused).rejects.toBeInstanceOf(DatabaseError)
  await expect(refused).rejects.toThrow(`${path} is in use by another adf, pid ${first.pid};`)
  const exited = once(first, 'exit')
  first.kill('SIGKILL')
  await exited
  await (await claimDatabase(path)).release()
})

test('the same process is refused too, and by another name of the file', async () => {
  const claim = await claimDatabase(path)
  await expect(claimDatabase(path)).rejects.toThrow(`in use by another adf, pid ${process.pid};`)
  const link = join(folder, 'link.db')
  symlinkSync(path, link)
  await expect(claimDatabase(link)).rejects.toThrow(`${link} is in use`)
  await claim.release()
  await (await claimDatabase(link)).release()
})

test('a refused claim takes nothing away from the one that holds', async () => {
  await holder()
  await expect(claimDatabase(path)).rejects.toThrow('in use')
  await expect(claimDatabase(path)).rejects.toThrow('in use')
})

test('who claims nothing opens the database all the same', async () => {
  const claim = await claimDatabase(path)
  await (await openDatabase({ path })).destroy()
  await expect(claimDatabase(path)).rejects.toThrow('in use')
  await claim.release()
})

test('any number take part while nobody has claimed it, and nobody claims it while one does', async () => {
  const first = await shareDatabase(path)
  const second = await shareDatabase(path)
  await first.release()
  await expect(claimDatabase(path)).rejects.toThrow(`${path} is in use by another adf,`)
  await second.release()
  const claim = await claimDatabase(path)
  await expect(shareDatabase(path)).rejects.toThrow(`in use by another adf, pid ${process.pid};`)
  await claim.release()
  await (await shareDatabase(path)).release()
})

test('a database in memory is nobody else’s', async () => {
  const claims = [await claimDatabase(':memory:'), await claimDatabase(':memory:')]
  for (const claim of claims) await claim.release()
})

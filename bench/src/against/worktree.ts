import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A git ref that cannot be checked out beside this tree. */
export class NoWorktree extends Error {
  override readonly name = 'NoWorktree'
}

const OURS = '@adf'

export interface Worktree {
  readonly folder: string
  readonly commit: string
  remove(): void
}

/** The sources of a git ref in a folder of their own, with the packages of this tree. Throws NoWorktree for a ref that is none, and for one that needs other packages. */
export function addWorktree(root: string, ref: string): Worktree {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const commit = commitOf(git, ref)
  const parent = mkdtempSync(join(tmpdir(), 'adf-against-'))
  const folder = join(parent, 'tree')
  const remove = () => {
    if (existsSync(folder)) git('worktree', 'remove', '--force', folder)
    rmSync(parent, { recursive: true, force: true })
  }
  try {
    git('worktree', 'add', '--detach', folder, commit)
    const lock = (of: string) => readFileSync(join(of, 'package-lock.json'), 'utf8')
    if (lock(folder) !== lock(root))
      throw new NoWorktree(
        `${ref} has another package-lock.json: check it out by hand, run npm ci there, and compare what --json writes`,
      )
    linkPackages(root, folder)
    return { folder, commit, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function commitOf(git: (...args: string[]) => string, ref: string): string {
  try {
    return git('rev-parse', '--verify', '--short', '--end-of-options', `${ref}^{commit}`).trim()
  } catch {
    throw new NoWorktree(`git knows no commit ${ref} here`)
  }
}

/** Links to the packages of `root`, but for our own, which are those of `folder`: their links are relative. */
function linkPackages(root: string, folder: string): void {
  const [from, to] = [join(root, 'node_modules'), join(folder, 'node_modules')]
  mkdirSync(join(to, OURS), { recursive: true })
  for (const name of readdirSync(from)) if (name !== OURS) symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(from, OURS)))
    symlinkSync(readlinkSync(join(from, OURS, name)), join(to, OURS, name))
  for (const workspace of readdirSync(join(root, 'packages'))) {
    const own = join(root, 'packages', workspace, 'node_modules')
    if (existsSync(own)) symlinkSync(own, join(folder, 'packages', workspace, 'node_modules'))
  }
}

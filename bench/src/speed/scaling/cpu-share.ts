import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Missing } from '../../suite.ts'

const PERIOD_US = 100_000
const ROOT = '/sys/fs/cgroup'

/** A part of one core that processes may use, and no more: a control group of Linux, of version 2 or 1. */
export class CpuShare {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @param share of one core @throws Missing where control groups cannot be written */
  static make(name: string, share: number): CpuShare {
    const one = existsSync(join(ROOT, 'cpu', 'cpu.cfs_period_us'))
    const folder = join(ROOT, one ? 'cpu' : '', name)
    try {
      mkdirSync(folder, { recursive: true })
      const quotaUs = Math.round(share * PERIOD_US)
      if (one) {
        writeFileSync(join(folder, 'cpu.cfs_period_us'), `${PERIOD_US}`)
        writeFileSync(join(folder, 'cpu.cfs_quota_us'), `${quotaUs}`)
      } else writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${PERIOD_US}`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Missing(
        `control groups of the CPU under ${ROOT} that can be written (${reason}); run it as root, outside of a container or in a privileged one`,
      )
    }
    return new CpuShare(folder)
  }

  /** A process with all its threads. */
  add(pid: number): void {
    writeFileSync(join(this.#folder, 'cgroup.procs'), `${pid}`)
  }

  /** When its processes have ended. */
  async remove(): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        return rmdirSync(this.#folder)
      } catch {
        await setTimeout(100)
      }
    }
  }
}

const ATTEMPTS = 50

import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Gauge, Histogram, type Registry } from 'prom-client'
import type { DatabaseUnwritable } from './error.ts'
import type { DatabasePlace } from './place.ts'

/** What a group commit tells of, see GroupCommit. */
export interface DatabaseMetrics {
  readonly committed: (seconds: number) => void
  readonly writable: (fault: DatabaseUnwritable | undefined) => void
}

/**
 * What is to be watched of the database of a service: how long its transactions take, whether it can be written, and, of an
 * SQLite file, the room on its disk, in bytes. PostgreSQL tells nobody how much room its disk has: there are no such series then.
 */
export function databaseMetrics(registry: Registry, place: DatabasePlace): DatabaseMetrics {
  const registers = [registry]
  const commits = new Histogram({
    name: 'adf_database_commit_seconds',
    help: 'Time of a transaction that was committed, with all writes that it carried.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const writable = new Gauge({
    name: 'adf_database_writable',
    help: '1 while the database takes writes, else 0.',
    registers,
  })
  writable.set(1)
  room('adf_database_disk_free_bytes', 'Room that is left for ADF on the disk of its SQLite file.', 'bavail')
  room('adf_database_disk_size_bytes', 'Size of the disk of the SQLite file.', 'blocks')
  return {
    committed: (seconds) => commits.observe(seconds),
    writable: (fault) => writable.set(fault === undefined ? 1 : 0),
  }

  function room(name: string, help: string, of: 'bavail' | 'blocks'): void {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        if (place.url !== undefined || place.path === ':memory:') return this.remove()
        // A disk that cannot be asked has no figure, which is not a figure of 0.
        const disk = await statfs(dirname(resolve(place.path))).catch(() => undefined)
        if (disk === undefined) this.remove()
        else this.set(disk[of] * disk.bsize)
      },
    })
  }
}

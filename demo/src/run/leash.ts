/**
 * Loaded with `--import` into every process that the demo starts. The IPC channel closes when the demo is gone, however it went: then this
 * process ends too, and the last thing it does is to remove the demo's temporary folder, if it was the one that had it.
 */
import { rmSync } from 'node:fs'

const folder = process.env['DEMO_FOLDER']

process.on('disconnect', () => {
  if (folder) rmSync(folder, { recursive: true, force: true })
  process.exit(0)
})
// The leash alone keeps nobody alive.
process.channel?.unref()

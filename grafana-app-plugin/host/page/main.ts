import { applyBoot, readBoot } from './boot.ts'

// Grafana's modules read their boot data while they are loaded: it must be there first.
applyBoot(readBoot(document))
const { start } = await import('./start.tsx')
await start()

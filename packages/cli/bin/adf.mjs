#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
// Under load requests leave a hundred megabytes of buffers a second, which a collection of the young generation frees at little cost. At V8's
// default of 16 MiB they bring a full collection first, twice a second (docs/benchmarks.md, Ingest). Buffers are freed by other threads than
// took them: with malloc's default, eight arenas a core, some of them do not go back to the system.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What Node made of the sources the last time halves the start, of threads and other processes too, which look at the variable.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/adf', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)
await import('../src/main.ts')

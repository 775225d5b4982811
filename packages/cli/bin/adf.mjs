#!/usr/bin/env -S node --max-semi-space-size=4
// Under load requests leave a hundred megabytes of buffers a second, which a collection of the young generation frees at little cost. At V8's
// default of 16 MiB they bring a full collection first, twice a second (docs/benchmarks.md, Ingest).
import '../src/main.ts'

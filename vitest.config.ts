import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

/** Its modules for Node are CommonJS: the others, for bundlers, import names that Node does not find. */
const alias = [
  { find: /^@grafana\/data$/, replacement: createRequire(import.meta.url).resolve('@grafana/data') },
]

/** What learns how long requests usually take: other work beside it would be in that. */
const ALONE = ['test/e2e/demo.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/harness/reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          alias,
          include: [
            'packages/*/src/**/*.test.ts',
            'alertmanager-webhook/src/**/*.test.ts',
            'collector-processor/src/**/*.test.ts',
            'federation-server/src/**/*.test.ts',
            'grafana-app-plugin/**/*.test.{ts,tsx}',
            'demo/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          exclude: ['**/*.postgres.test.ts'],
          setupFiles: ['./vitest.setup.ts'],
          // One less than there are cores is the default: half of a machine that has two.
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'postgres',
          include: [
            '{packages/*,alertmanager-webhook,collector-processor,federation-server}/src/**/*.postgres.test.ts',
          ],
          setupFiles: ['./vitest.setup.ts'],
          globalSetup: ['./test/harness/postgresql.global.ts'],
          // Some end all sessions of the server, or make it read-only.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'whole',
          alias,
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          setupFiles: ['./vitest.setup.ts'],
          // They wait for servers more than they compute.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'alone',
          alias,
          include: ALONE,
          setupFiles: ['./vitest.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})

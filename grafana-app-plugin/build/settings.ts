import { dirname } from 'node:path'
import type { ResolveOptions, RuleSetRule } from '@rspack/core'

/** Folder of the Grafana app. */
export const folder = dirname(import.meta.dirname)

/** TypeScript and JSX; types are checked by `npm run check`. */
export const code: RuleSetRule = {
  test: /\.tsx?$/,
  loader: 'builtin:swc-loader',
  options: {
    jsc: {
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic' } },
      target: 'es2022',
    },
  },
  type: 'javascript/auto',
}

export const resolve: ResolveOptions = {
  extensions: ['.tsx', '.ts', '.mjs', '.js'],
  // Of a package, what a browser shall get.
  conditionNames: ['browser', 'import', 'module', 'default'],
}

import { join } from 'node:path'
import { type Configuration, rspack } from '@rspack/core'
import workspace from '../../package.json' with { type: 'json' }
import { code, folder, resolve } from './settings.ts'

/**
 * Grafana's parts name editors of code, maps and telemetry of their own, which no page of ours shows. They are large, so that `overrides` of
 * the root's package.json leaves them out of the installation, and the build takes an empty module for each.
 */
const absent = Object.keys(workspace.overrides)

/** The console's page: what Grafana would have around the app, in `dist/host/`. */
export const host: Configuration = {
  name: 'host',
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: false,
  context: join(folder, 'host/page'),
  entry: { console: './main.ts' },
  output: {
    path: join(folder, 'dist/host'),
    filename: '[name].js',
    chunkFilename: '[contenthash:20].js',
    publicPath: '/console/',
    uniqueName: 'adf-console',
    clean: true,
  },
  resolve: {
    ...resolve,
    alias: Object.fromEntries(absent.map((name) => [name, false as const])),
  },
  module: {
    rules: [
      code,
      { test: /\.(svg|png|woff2?)$/, type: 'asset/resource' },
      { test: /\.css$/, type: 'asset/source' },
    ],
  },
  plugins: [
    new rspack.DefinePlugin({ 'process.env.NODE_ENV': JSON.stringify('production') }),
    new rspack.CopyRspackPlugin({
      patterns: [
        { from: join(folder, '../node_modules/@grafana/ui/dist/public/img'), to: 'img' },
        { from: join(folder, 'host/page/img'), to: 'img' },
      ],
    }),
  ],
  performance: false,
}

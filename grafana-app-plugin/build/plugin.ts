import { join } from 'node:path'
import { type Configuration, rspack } from '@rspack/core'
import { SHARED_MODULES } from './externals.ts'
import { code, folder, resolve } from './settings.ts'

/**
 * A plugin as Grafana loads it: module.js (AMD) with its chunks, plugin.json and images beside it. `nested` is its folder below the app's, which
 * has a build of its own: Grafana serves it under its own id, where the chunks of the app are not.
 */
export const plugin = (id: string, nested = ''): Configuration => ({
  name: id,
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: 'source-map',
  context: join(folder, 'src', nested),
  entry: { module: [join(folder, 'src/public-path.ts'), './module'] },
  // Without it the AMD of rspack does not see the `define` of SystemJS.
  amd: {},
  externalsType: 'amd',
  externals: [{ 'amd-module': 'module' }, ...SHARED_MODULES],
  output: {
    path: join(folder, 'dist/app', nested),
    filename: '[name].js',
    // A name by content: Grafana caches chunks for long.
    chunkFilename: '[contenthash:20].js',
    library: { type: 'amd' },
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
  },
  resolve,
  module: { rules: [code, { test: /\.css$/, type: 'asset/source' }] },
  plugins: [
    new rspack.DefinePlugin({ PLUGIN_ID: JSON.stringify(id) }),
    new rspack.CopyRspackPlugin({ patterns: [{ from: 'plugin.json' }, { from: 'img', to: 'img' }] }),
  ],
  performance: false,
})

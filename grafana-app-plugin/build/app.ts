import { join } from 'node:path'
import { type Configuration, rspack } from '@rspack/core'
import { SHARED_MODULES } from './externals.ts'
import { code, folder, resolve } from './settings.ts'

/** The app as Grafana loads it: `dist/app/module.js` (AMD), chunks beside it, plugin.json and its images. */
export const app: Configuration = {
  name: 'app',
  mode: 'production',
  target: ['web', 'es2022'],
  devtool: 'source-map',
  context: join(folder, 'src'),
  entry: { module: ['./public-path.ts', './module.tsx'] },
  // Without it the AMD of rspack does not see the `define` of SystemJS.
  amd: {},
  externalsType: 'amd',
  externals: [{ 'amd-module': 'module' }, ...SHARED_MODULES],
  output: {
    path: join(folder, 'dist/app'),
    filename: '[name].js',
    // A name by content: Grafana caches chunks for long.
    chunkFilename: '[contenthash:20].js',
    library: { type: 'amd' },
    publicPath: 'public/plugins/adf-app/',
    uniqueName: 'adf-app',
    clean: true,
  },
  resolve,
  module: { rules: [code, { test: /\.css$/, type: 'asset/source' }] },
  plugins: [new rspack.CopyRspackPlugin({ patterns: [{ from: 'plugin.json' }, { from: 'img', to: 'img' }] })],
  performance: false,
}

import module from 'amd-module'

// biome-ignore lint/style/useConst: the bundler's own variable
declare let __webpack_public_path__: string
/** Id of the plugin that is built. */
declare const PLUGIN_ID: string

// Chunks lie beside module.js, wherever Grafana serves it from.
__webpack_public_path__ =
  module?.uri === undefined
    ? `public/plugins/${PLUGIN_ID}/`
    : module.uri.slice(0, module.uri.lastIndexOf('/') + 1)

import module from 'amd-module'

// biome-ignore lint/style/useConst: the bundler's own variable
declare let __webpack_public_path__: string

// Chunks lie beside module.js, wherever Grafana serves it from.
__webpack_public_path__ =
  module?.uri === undefined ? 'public/plugins/adf-app/' : module.uri.slice(0, module.uri.lastIndexOf('/') + 1)

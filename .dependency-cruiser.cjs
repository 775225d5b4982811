/**
 * The arrows of the architecture (docs/architecture.md). test/arrows.test.ts proves that a forbidden import fails.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const ours =
  '^(packages/[^/]+|collector-processor|alertmanager-webhook|federation-server|grafana-app-plugin|demo|bench|test)/'
const services = '^(collector-processor|alertmanager-webhook|federation-server)/'
const processor = (folders) => `^collector-processor/src/(${folders})`

const layer = (name, from, allowed) => ({
  name: `processor-${name}`,
  severity: 'error',
  comment:
    'main -> app -> receiver | api | deliver -> feature -> scoring | logs -> graph -> rootcause -> incident; telemetry and store are leaves',
  from: { path: processor(from), pathNot: '\\.test(-data)?\\.ts$' },
  to: { path: processor('.+'), pathNot: processor([from, ...allowed].join('|')) },
})

const federation = (folders) => `^federation-server/src/(${folders})`

/** main -> app -> api -> coordinator -> store | thread -> round -> aggregate | poisoning -> vector: aggregation does not know what poisoning suspects, nor the other way round. */
const federationLayer = (name, allowed) => ({
  name: `federation-${name}`,
  severity: 'error',
  from: { path: federation(`${name}/`), pathNot: '\\.test\\.ts$' },
  to: { path: federation('.+'), pathNot: federation([`${name}/`, ...allowed].join('|')) },
})

const webhook = (folders) => `^alertmanager-webhook/src/(${folders})`

/** main -> app -> api -> webhook | value -> store -> alerts; alerts and value are pure. */
const webhookLayer = (name, allowed) => ({
  name: `webhook-${name}`,
  severity: 'error',
  from: { path: webhook(`${name}/`), pathNot: '\\.test\\.ts$' },
  to: { path: webhook('.+'), pathNot: webhook([`${name}/`, ...allowed].join('|')) },
})

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'amd-module is what the AMD loader of Grafana says of the module that it loads',
      from: {},
      to: { couldNotResolve: true, pathNot: '^amd-module$' },
    },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: {
        path: '^(packages|collector-processor|alertmanager-webhook|federation-server|demo)/',
        pathNot: '(\\.(test|contract)\\.ts$|/testing/|\\.test-)',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'packages-import-none-of-ours',
      severity: 'error',
      comment: 'contract, detectors and service import none of our packages',
      from: { path: '^packages/(contract|detectors|service)/' },
      to: { path: ours, pathNot: '^packages/$1/' },
    },
    {
      name: 'federation-imports-contract-and-detectors',
      severity: 'error',
      comment: 'what both ends of federation compute alike, and the client: it knows no service',
      from: { path: '^packages/federation/' },
      to: { path: ours, pathNot: '^packages/(federation|contract|detectors)/' },
    },
    {
      name: 'services-never-each-other',
      severity: 'error',
      from: { path: services },
      to: { path: '^(collector-processor|alertmanager-webhook|federation-server|demo)/', pathNot: '^$1/' },
    },
    {
      name: 'only-entry-points-import-services',
      severity: 'error',
      comment: 'only cli, demo, bench and test import services, by their public exports',
      from: {
        pathNot:
          '^(packages/cli|demo|bench|test|collector-processor|alertmanager-webhook|federation-server)/',
      },
      to: { path: services },
    },
    {
      name: 'services-by-public-exports',
      severity: 'error',
      from: { path: '^(packages/cli|demo|bench|test)/' },
      to: { path: services, pathNot: '^[^/]+/src/(index|simulation/index)\\.ts$' },
    },
    {
      name: 'grafana-app-imports-contract-only',
      severity: 'error',
      from: { path: '^grafana-app-plugin/(src|host/page)/' },
      to: { path: ours, pathNot: '^(grafana-app-plugin|packages/contract)/' },
    },
    {
      name: 'grafana-app-knows-no-console',
      severity: 'error',
      comment: 'the app is what Grafana loads: the console is built around it, and not the other way round',
      from: { path: '^grafana-app-plugin/src/' },
      to: { path: '^grafana-app-plugin/(host|build|dashboards)/' },
    },
    {
      name: 'dashboards-know-the-questions-only',
      severity: 'error',
      comment: 'what a dashboard may ask is what the data source answers; the rest is Grafana',
      from: { path: '^grafana-app-plugin/dashboards/' },
      to: { path: ours, pathNot: '^grafana-app-plugin/(dashboards|src/datasource)/' },
    },
    {
      name: 'console-imports-service-only',
      severity: 'error',
      comment:
        'the server of the console reads files and plugin.json; it has no bundler and no code of the pages',
      from: { path: '^grafana-app-plugin/host/(server/|index)' },
      to: { path: ours, pathNot: '^(grafana-app-plugin/host/server|packages/service)/' },
    },
    {
      name: 'nothing-imports-test-or-bench',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'pure-code-has-no-io',
      severity: 'error',
      comment:
        'detectors, graph, logs, rootcause, tuner, aggregate, poisoning, alerts and their value take now and rng as arguments and do no I/O; zlib is for its checksum',
      from: {
        path: '^(packages/detectors/src|collector-processor/src/(graph|logs|rootcause)|alertmanager-webhook/src/(alerts|tuner|value)|federation-server/src/(aggregate|poisoning|vector)|packages/federation/src/(round|privacy))/',
        pathNot: '\\.test\\.ts$',
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(assert|buffer|zlib)$' },
    },
    layer('incident', 'incident/', ['telemetry/']),
    layer('rootcause', 'rootcause/', ['incident/', 'telemetry/']),
    layer('graph', 'graph/', ['rootcause/', 'incident/', 'telemetry/']),
    layer('logs', 'logs/', ['graph/', 'rootcause/', 'telemetry/']),
    layer('scoring', 'scoring/', ['rootcause/', 'incident/', 'store/', 'telemetry/']),
    layer('federation', 'federation/', ['scoring/', 'telemetry/']),
    layer('feature', 'feature/', ['scoring/', 'graph/', 'rootcause/', 'incident/', 'telemetry/']),
    layer('receiver', 'receiver/', [
      'config\\.ts$',
      'kafka/',
      'feature/',
      'scoring/',
      'graph/',
      'rootcause/',
      'incident/',
      'telemetry/',
    ]),
    layer('deliver', 'deliver/', [
      'config\\.ts$',
      'kafka/',
      'feature/',
      'scoring/',
      'graph/',
      'rootcause/',
      'incident/',
      'store/',
      'telemetry/',
    ]),
    layer('api', 'api/', [
      'config\\.ts$',
      'feature/',
      'scoring/',
      'graph/',
      'rootcause/',
      'incident/',
      'store/',
      'telemetry/',
    ]),
    layer('slo', 'slo/', ['feature/metric/', 'store/', 'telemetry/']),
    layer('store', 'store/', ['telemetry/']),
    layer('kafka', 'kafka/', ['config\\.ts$']),
    layer('memory', 'memory/', ['telemetry/']),
    layer('telemetry', 'telemetry/', []),
    layer('group', 'group/', [
      '(config|outputs|pipeline|restore-incidents|steps)\\.ts$',
      'receiver/',
      'kafka/',
      'feature/',
      'scoring/',
      'logs/',
      'graph/',
      'rootcause/',
      'incident/',
      'store/',
      'telemetry/',
    ]),
    {
      name: 'processor-group-by-app',
      severity: 'error',
      comment:
        'what a processor does as one of several is put together of the other stages, which know nothing of it',
      from: { path: '^collector-processor/src/', pathNot: '^collector-processor/src/(app\\.ts$|group/)' },
      to: { path: '^collector-processor/src/group/' },
    },
    {
      name: 'processor-answers-by-app',
      severity: 'error',
      comment: 'what the API answers is put together of the other stages, which know nothing of it',
      from: { path: '^collector-processor/src/', pathNot: '^collector-processor/src/(app\\.ts$|answers/)' },
      to: { path: '^collector-processor/src/answers/' },
    },
    federationLayer('api', [
      'config\\.ts$',
      'metrics\\.ts$',
      'registry/',
      'coordinator/',
      'store/',
      'thread/',
      'round/',
      'vector/',
    ]),
    federationLayer('coordinator', [
      'metrics\\.ts$',
      'store/',
      'thread/',
      'audit/chain\\.ts$',
      'round/',
      'aggregate/',
      'poisoning/',
      'vector/',
    ]),
    federationLayer('store', ['audit/chain\\.ts$', 'round/']),
    federationLayer('thread', ['round/', 'aggregate/', 'poisoning/', 'vector/']),
    federationLayer('round', ['config\\.ts$', 'aggregate/', 'poisoning/', 'vector/']),
    federationLayer('registry', []),
    federationLayer('simulation', ['config\\.ts$', 'round/', 'aggregate/', 'poisoning/', 'vector/']),
    federationLayer('aggregate', ['vector/']),
    federationLayer('poisoning', ['vector/']),
    federationLayer('vector', []),
    webhookLayer('webhook', ['metrics\\.ts$', 'store/', 'alerts/']),
    webhookLayer('alertmanager', ['store/', 'alerts/']),
    webhookLayer('store', ['alerts/']),
    webhookLayer('value', []),
    webhookLayer('alerts', []),
    webhookLayer('processor', []),
    webhookLayer('feedback', ['processor/', 'store/']),
    webhookLayer('tuning', ['processor/', 'store/', 'tuner/']),
    {
      name: 'tuner-knows-no-service',
      severity: 'error',
      comment: 'the service around the tuner calls it, never the other way round',
      from: { path: '^alertmanager-webhook/src/tuner/', pathNot: '\\.test\\.ts$' },
      to: { path: '^alertmanager-webhook/src/', pathNot: '^alertmanager-webhook/src/tuner/' },
    },
    {
      name: 'secure-aggregation-has-no-io',
      severity: 'error',
      comment: 'its steps are pure but for the primitives of crypto',
      from: { path: '^packages/federation/src/secure-aggregation/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'federation-simulation-has-no-io',
      severity: 'error',
      comment: 'a simulation is a function of its options; zlib is for a checksum',
      from: { path: '^federation-server/src/simulation/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?zlib$' },
    },
    {
      name: 'federation-round-has-no-io',
      severity: 'error',
      comment: 'rounds are decided purely: seeds and hashes need crypto, nothing else of Node',
      from: { path: '^federation-server/src/round/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}

/** Built into the pages, though npm knows them as needed for development only. */
const BUILT_IN = 'grafana-app-plugin'
/** Of them, what builds, tests or describes, and is in no page. */
const TOOLS =
  /^(@types\/|@testing-library\/|@rspack\/|@grafana\/grafana-foundation-sdk$|fflate$|happy-dom$|msw$)/

/** Paths in the lock file of all packages that are shipped. */
export function shipped({ packages }) {
  const found = new Set()
  const add = (from, names) => {
    for (const name of names) {
      const path = resolved(packages, from, name)
      // Optional ones of other platforms are not installed; workspaces are our own.
      if (path === undefined || found.has(path) || packages[path].link) continue
      found.add(path)
      const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[path]
      add(path, Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
    }
  }
  for (const [path, { dependencies = {}, devDependencies = {} }] of Object.entries(packages)) {
    if (path.includes('node_modules')) continue
    const more = path === BUILT_IN ? Object.keys(devDependencies).filter((name) => !TOOLS.test(name)) : []
    if (path !== '' && path !== 'bench' && path !== 'test') add(path, [...Object.keys(dependencies), ...more])
  }
  return [...found].sort()
}

/** As Node looks for a package: the nearest folder node_modules upwards. */
function resolved(packages, from, name) {
  for (
    let folder = from;
    ;
    folder = folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : ''
  ) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') return undefined
  }
}

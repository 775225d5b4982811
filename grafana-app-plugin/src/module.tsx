import { AppPlugin, type AppRootProps } from '@grafana/data'

const App = (_: AppRootProps) => <p>hello</p>
export const plugin = new AppPlugin<object>().setRootPage(App)

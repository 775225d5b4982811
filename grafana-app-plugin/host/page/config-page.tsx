import type { DataSourceSettings } from '@grafana/data'
import { useEffect, useState } from 'react'
import { PluginPage } from './plugin-page.tsx'
import { loadSource, type Source } from './source.ts'

const NOTHING_SET: DataSourceSettings<object, object> = {
  id: 1,
  uid: 'adf',
  orgId: 1,
  name: 'ADF',
  typeLogoUrl: '',
  type: 'adf-datasource',
  typeName: 'ADF',
  access: 'proxy',
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  isDefault: false,
  jsonData: {},
  secureJsonFields: {},
  readOnly: false,
  withCredentials: false,
}

/** The settings of the data source ADF as Grafana would show them, with its test. Nothing is saved: the console's come from its command. */
export function ConfigPage() {
  const [source, setSource] = useState<Source>()
  const [options, setOptions] = useState(NOTHING_SET)
  const [tested, setTested] = useState('')
  useEffect(() => {
    loadSource().then(setSource, (error: unknown) => setTested(String(error)))
  }, [])
  const Editor = source?.plugin.components.ConfigEditor
  const test = async () => {
    const { status, message } = (await source?.api.testDatasource()) ?? {}
    setTested(`${status}: ${message}`)
  }
  return (
    <PluginPage pageNav={{ text: 'Settings of the data source ADF' }}>
      <p>The console’s own settings come from the command that started it: nothing is saved here.</p>
      {Editor === undefined ? null : <Editor options={options} onOptionsChange={setOptions} />}
      <button type="button" onClick={test}>
        Test
      </button>
      <p role="status">{tested}</p>
    </PluginPage>
  )
}

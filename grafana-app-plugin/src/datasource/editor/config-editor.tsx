import type { DataSourcePluginOptionsEditorProps } from '@grafana/data'
import { Field, Input, SecretInput } from '@grafana/ui'
import { say } from '../../text/say.ts'
import type { AdfSourceOptions, AdfSourceSecrets } from '../settings.ts'

/** Where the processor is, and the token that Grafana's proxy shows it. */
export default function ConfigEditor(
  props: DataSourcePluginOptionsEditorProps<AdfSourceOptions, AdfSourceSecrets>,
) {
  const { options, onOptionsChange } = props
  const { jsonData, secureJsonData, secureJsonFields } = options
  return (
    <>
      <Field
        label={say('source.url', 'Address of the processor')}
        description={say('source.url-what', 'Its API, as Grafana reaches it: http://adf:8080')}
      >
        <Input
          id="adf-source-url"
          width={60}
          type="url"
          value={jsonData.apiUrl ?? ''}
          placeholder="http://adf:8080"
          onChange={(event) =>
            onOptionsChange({
              ...options,
              jsonData: { ...jsonData, apiUrl: event.currentTarget.value.trim().replace(/\/+$/, '') },
            })
          }
        />
      </Field>
      <Field
        label={say('source.token', 'Token')}
        description={say(
          'source.token-what',
          'With the scope read; empty where the processor asks for none. It stays in Grafana.',
        )}
      >
        <SecretInput
          id="adf-source-token"
          width={60}
          isConfigured={secureJsonFields['apiToken'] === true}
          value={secureJsonData?.apiToken ?? ''}
          onChange={(event) =>
            onOptionsChange({
              ...options,
              secureJsonData: { ...secureJsonData, apiToken: event.currentTarget.value },
            })
          }
          onReset={() =>
            onOptionsChange({
              ...options,
              secureJsonFields: { ...secureJsonFields, apiToken: false },
              secureJsonData: { ...secureJsonData, apiToken: '' },
            })
          }
        />
      </Field>
    </>
  )
}

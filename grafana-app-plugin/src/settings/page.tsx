import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data'
import { getBackendSrv, isFetchError } from '@grafana/runtime'
import { Alert, Button, Field, Input, SecretInput, Stack } from '@grafana/ui'
import { useState } from 'react'
import type { AppSettings } from '../app/settings.ts'
import { say } from '../text/say.ts'
import { TestConnection } from './test-connection.tsx'

type Saving =
  | { readonly state: 'idle' | 'pending' | 'saved' }
  | { readonly state: 'failed'; readonly why: string }

/** Where the processor is, its token, and the tracing data source. */
export default function SettingsPage({ plugin }: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  const { meta } = plugin
  const [apiUrl, setApiUrl] = useState(meta.jsonData?.apiUrl ?? '')
  const [webhookUrl, setWebhookUrl] = useState(meta.jsonData?.webhookUrl ?? '')
  const [webhookToken, setWebhookToken] = useState('')
  const [hasWebhookToken, setHasWebhookToken] = useState(meta.secureJsonFields?.['webhookToken'] === true)
  const [tracingUid, setTracingUid] = useState(meta.jsonData?.tracingUid ?? '')
  const [token, setToken] = useState('')
  const [hasToken, setHasToken] = useState(meta.secureJsonFields?.['apiToken'] === true)
  const [saving, setSaving] = useState<Saving>({ state: 'idle' })
  const valid = isAddress(apiUrl) && isAddress(webhookUrl)

  const save = async () => {
    setSaving({ state: 'pending' })
    const data = {
      enabled: true,
      pinned: true,
      jsonData: {
        apiUrl: apiUrl.replace(/\/+$/, ''),
        webhookUrl: webhookUrl.replace(/\/+$/, ''),
        tracingUid: tracingUid.trim(),
      },
      secureJsonData: {
        ...(token !== '' && { apiToken: token }),
        ...(webhookToken !== '' && { webhookToken }),
      },
    }
    try {
      await getBackendSrv().post(`/api/plugins/${meta.id}/settings`, data, { showErrorAlert: false })
      if (token !== '') setHasToken(true)
      if (webhookToken !== '') setHasWebhookToken(true)
      setToken('')
      setWebhookToken('')
      setSaving({ state: 'saved' })
    } catch (error) {
      setSaving({ state: 'failed', why: reasonOf(error) })
    }
  }
  return (
    <form
      style={{ maxWidth: 640 }}
      onSubmit={(event) => {
        event.preventDefault()
        if (valid) save()
      }}
    >
      <Address
        id="adf-url"
        label={say('settings.url', 'Address of the ADF processor')}
        description={say('settings.url-hint', 'As Grafana reaches it, such as http://adf:8080')}
        value={apiUrl}
        set={setApiUrl}
      />
      <Field
        label={say('settings.token', 'Token')}
        description={say(
          'settings.token-hint',
          'With the scopes read and feedback, and admin for thresholds (adf token makes one); empty where ADF needs none',
        )}
        htmlFor="adf-token"
      >
        <SecretInput
          id="adf-token"
          isConfigured={hasToken}
          value={token}
          onReset={() => setHasToken(false)}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
      </Field>
      <Address
        id="adf-webhook-url"
        label={say('settings.webhook-url', 'Address of the Alertmanager webhook (optional)')}
        description={say(
          'settings.webhook-url-hint',
          'Where the threshold tuner is, such as http://adf:8082',
        )}
        value={webhookUrl}
        set={setWebhookUrl}
      />
      <Field
        label={say('settings.webhook-token', 'Token of the webhook')}
        description={say('settings.webhook-token-hint', 'Empty where it needs none')}
        htmlFor="adf-webhook-token"
      >
        <SecretInput
          id="adf-webhook-token"
          isConfigured={hasWebhookToken}
          value={webhookToken}
          onReset={() => setHasWebhookToken(false)}
          onChange={(event) => setWebhookToken(event.currentTarget.value)}
        />
      </Field>
      <Field
        label={say('settings.tracing', 'UID of the tracing data source (optional)')}
        description={say('settings.tracing-hint', 'Tempo or Jaeger: the traces of an incident open there')}
        htmlFor="adf-tracing"
      >
        <Input
          id="adf-tracing"
          value={tracingUid}
          onChange={(event) => setTracingUid(event.currentTarget.value)}
        />
      </Field>
      <Stack direction="column" gap={2} alignItems="flex-start">
        <Button type="submit" disabled={!valid || saving.state === 'pending'}>
          {say('settings.save', 'Save')}
        </Button>
        <div role="status">
          {saving.state === 'saved'
            ? say('settings.saved', 'Saved. Reload the page for it to hold everywhere.')
            : null}
        </div>
        {saving.state === 'failed' ? (
          <Alert severity="error" title={say('settings.not-saved', 'This was not saved')}>
            {saving.why}
          </Alert>
        ) : null}
        <TestConnection />
      </Stack>
    </form>
  )
}

const isAddress = (text: string): boolean => text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? '')

function Address(props: {
  id: string
  label: string
  description: string
  value: string
  set: (value: string) => void
}) {
  const { id, label, description, value, set } = props
  const valid = isAddress(value)
  return (
    <Field
      label={label}
      description={description}
      htmlFor={id}
      invalid={!valid}
      error={
        valid
          ? undefined
          : say('settings.url-invalid', 'Give an address that begins with http:// or https://')
      }
    >
      <Input id={id} value={value} onChange={(event) => set(event.currentTarget.value)} />
    </Field>
  )
}

function reasonOf(error: unknown): string {
  if (isFetchError(error)) {
    const { detail, message } = { detail: undefined, message: undefined, ...Object(error.data) }
    return String(detail ?? message ?? error.status)
  }
  return error instanceof Error ? error.message : String(error)
}

import { routes, type Status } from '@adf/contract'
import { Alert, Button } from '@grafana/ui'
import { useState } from 'react'
import { ask } from '../data/ask.ts'
import { grafanaSend } from '../data/grafana-send.ts'
import { stateLine } from '../overview/state-line.ts'
import { Trouble } from '../states/trouble.tsx'
import { say } from '../text/say.ts'

type Test = { readonly error: Error } | { readonly status: Status } | 'pending' | undefined

/** Asks the processor, by the settings that are saved, whether it is well, and says what to do when it does not answer. */
export function TestConnection() {
  const [test, setTest] = useState<Test>()
  const run = async () => {
    setTest('pending')
    setTest(
      await ask(grafanaSend, routes.getStatus).then(
        (status) => ({ status }),
        (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
      ),
    )
  }
  return (
    <>
      <Button type="button" variant="secondary" disabled={test === 'pending'} onClick={run}>
        {say('settings.test', 'Test the saved connection')}
      </Button>
      <div aria-live="polite" style={{ width: '100%' }}>
        {typeof test === 'object' && 'error' in test ? <Trouble error={test.error} /> : null}
        {typeof test === 'object' && 'status' in test ? (
          <Alert
            severity="success"
            title={say('settings.works', 'ADF {{version}} answers', { version: test.status.version })}
          >
            {stateLine(test.status)}
          </Alert>
        ) : null}
      </div>
    </>
  )
}

import type { FederationStatus } from '@adf/contract/federation'
import { css } from '@emotion/css'
import type { GrafanaTheme2 } from '@grafana/data'
import { PluginPage } from '@grafana/runtime'
import { Alert, TextLink, useStyles2 } from '@grafana/ui'
import { useSettings } from '../app/settings.ts'
import { useQueryState } from '../app/use-query-state.ts'
import { useFederationStatus } from '../data/useFederation.ts'
import { Answer } from '../states/answer.tsx'
import { RespondentContext } from '../states/trouble.tsx'
import { say } from '../text/say.ts'
import { Audit } from './audit.tsx'
import { Clients } from './clients.tsx'
import { Quarantine } from './quarantine.tsx'
import { Rounds } from './rounds.tsx'
import { Runs } from './runs.tsx'

/** What is trained together, by whom, what is held back, and whether the record of it is whole. The chosen run is in the address. */
export default function FederationPage() {
  const { federationUrl = '' } = useSettings()
  return (
    <PluginPage pageNav={{ text: say('federation.title', 'Federation') }}>
      <RespondentContext value="federation">
        {federationUrl === '' ? <NoServer /> : <Body />}
      </RespondentContext>
    </PluginPage>
  )
}

const NoServer = () => (
  <Alert severity="info" title={say('federation.none', 'No federation server is connected')}>
    <p>
      {say(
        'federation.none-what',
        'With one, the processors of several sites train a model together, and none of them shows its data to another.',
      )}
    </p>
    <p>
      {say(
        'federation.none-how',
        'Start one with adf federation, or beside the processor with adf up --federation; put its address and a token into the settings; and invite each site with adf federation invite.',
      )}{' '}
      <TextLink href="/plugins/adf-app">{say('federation.settings', 'To the settings')}</TextLink>
    </p>
  </Alert>
)

function Body() {
  const styles = useStyles2(stylesOf)
  const status = useFederationStatus()
  const [chosen, setChosen] = useQueryState('run')
  return (
    <Answer of={status}>
      {(now) => {
        const run = now.runs.find((one) => one.run === chosen) ?? now.runs[0]
        return (
          <div className={styles.page}>
            <p className={styles.line}>{stateOf(now)}</p>
            <Quarantine />
            <Runs runs={now.runs} chosen={run?.run} choose={setChosen} />
            {run === undefined ? null : <Rounds key={run.run} run={run} />}
            <Clients />
            <Audit />
          </div>
        )
      }}
    </Answer>
  )
}

function stateOf({ runs, clients, quarantined }: FederationStatus): string {
  const running = runs.filter(({ state }) => state === 'running').length
  const trained =
    running === 0
      ? say('federation.idle', 'No run is training')
      : running === 1
        ? say('federation.one-run', '1 run is training')
        : say('federation.runs', '{{count}} runs are training', { count: running })
  const seen =
    clients.enrolled === 0
      ? say('federation.no-clients', 'no client has enrolled yet: adf federation invite makes its token')
      : say('federation.seen', '{{seen}} of {{enrolled}} clients asked for work lately', {
          seen: clients.seen,
          enrolled: clients.enrolled,
        })
  const held =
    quarantined === 0
      ? say('federation.nothing-held', 'nothing waits for a review')
      : quarantined === 1
        ? say('federation.one-held', '1 update is held back and waits for a review')
        : say('federation.held', '{{count}} updates are held back and wait for a review', {
            count: quarantined,
          })
  return `${trained}; ${seen}; ${held}.`
}

const stylesOf = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  line: css({ fontSize: theme.typography.h4.fontSize, margin: 0 }),
})

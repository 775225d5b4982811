import type { Anomaly } from '@adf/contract'
import { ConfirmModal } from '@grafana/ui'
import { useState } from 'react'
import { PermittedButton } from '../app/permitted-button.tsx'
import { useDeleteAnomaly } from '../data/useDeleteAnomaly.ts'
import { Trouble } from '../states/trouble.tsx'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

/** Deletes an anomaly once that is confirmed; when it cannot be, the question stays and says why. */
export function DeleteAnomaly({ anomaly, now }: { anomaly: Anomaly; now: number }) {
  const [asked, setAsked] = useState(false)
  const remove = useDeleteAnomaly()
  const values = { entity: shortName(anomaly.entity.id), time: clock(anomaly.time, now) }
  const close = () => {
    remove.reset()
    setAsked(false)
  }
  return (
    <>
      <PermittedButton
        action="anomalies:delete"
        size="sm"
        variant="secondary"
        fill="text"
        icon="trash-alt"
        aria-label={say('anomaly.delete', 'Delete the anomaly of {{entity}} at {{time}}', values)}
        onClick={() => setAsked(true)}
      />
      {asked ? (
        <ConfirmModal
          isOpen
          title={say('anomaly.delete-title', 'Delete this anomaly?')}
          body={say('anomaly.delete-body', 'That of {{entity}} at {{time}}, and the verdicts on it.', values)}
          description={
            remove.error === null ? (
              say(
                'anomaly.delete-what',
                'It cannot be brought back. What was learned from it stays learned; its incident stays.',
              )
            ) : (
              <Trouble error={remove.error} />
            )
          }
          confirmText={say('anomaly.delete-confirm', 'Delete')}
          dismissText={say('anomaly.delete-cancel', 'Cancel')}
          confirmVariant="destructive"
          onConfirm={() =>
            remove.mutateAsync(anomaly.id).then(
              () => undefined,
              () => undefined,
            )
          }
          onDismiss={close}
        />
      ) : null}
    </>
  )
}

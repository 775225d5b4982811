import type { Anomaly } from '@adf/contract'
import { ConfirmModal } from '@grafana/ui'
import { useDeleteAnomaly } from '../data/useDeleteAnomaly.ts'
import { Trouble } from '../states/trouble.tsx'
import { clock } from '../text/format.ts'
import { shortName } from '../text/names.ts'
import { say } from '../text/say.ts'

interface DeleteAnomalyProps {
  readonly anomaly: Anomaly
  readonly now: number
  /** Deleted, or left as it is. */
  readonly close: () => void
}

/** Asks whether an anomaly shall be deleted, and deletes it; when it cannot be, the question stays and says why. */
export function DeleteAnomaly({ anomaly, now, close }: DeleteAnomalyProps) {
  const remove = useDeleteAnomaly()
  return (
    <ConfirmModal
      isOpen
      title={say('anomaly.delete-title', 'Delete this anomaly?')}
      body={say('anomaly.delete-body', 'That of {{entity}} at {{time}}, and the verdicts on it.', {
        entity: shortName(anomaly.entity.id),
        time: clock(anomaly.time, now),
      })}
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
      onConfirm={() => remove.mutateAsync(anomaly.id).then(close, () => undefined)}
      onDismiss={close}
    />
  )
}

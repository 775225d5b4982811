import { config } from '@grafana/runtime'
import { type Action, mayDo } from './permission.ts'

/** Whether who is signed in may do it. */
export const may = (action: Action): boolean => mayDo(config.bootData.user, action)

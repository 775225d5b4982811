import { expect, test } from 'vitest'
import { ReadinessSwitch } from './readiness.ts'

test('is ready between start and stop, while there is no fault, and says why not', async () => {
  let fault: string | undefined
  const readiness = new ReadinessSwitch(() => fault)
  expect(readiness.state()).toEqual({ ready: false, reasons: ['starting or stopping'] })
  await readiness.start()
  expect(readiness.state()).toEqual({ ready: true, reasons: [] })
  fault = 'the disk is full'
  expect(readiness.state()).toEqual({ ready: false, reasons: ['the disk is full'] })
  await readiness.stop()
  expect(readiness.state()).toEqual({ ready: false, reasons: ['starting or stopping', 'the disk is full'] })
})

test('says what it does without, and is ready all the same', async () => {
  let degraded: string | undefined
  const readiness = new ReadinessSwitch(
    () => undefined,
    () => degraded,
  )
  await readiness.start()
  degraded = 'memory is short'
  expect(readiness.state()).toEqual({ ready: true, reasons: [], degraded: 'memory is short' })
  degraded = undefined
  expect(readiness.state()).toEqual({ ready: true, reasons: [] })
})

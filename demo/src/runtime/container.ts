import os from 'node:os'

/**
 * What a service sees of its host when it runs in a container with lxcfs: one processor, used by itself alone. All services of the demo share
 * one machine with ADF and whatever else its owner does; host metrics of that machine would show the same load in every service, and a
 * busy browser would look like ten broken services.
 */
export function seeOwnContainerOnly(): void {
  const [model] = os.cpus()
  os.cpus = () => {
    const { user, system } = process.cpuUsage()
    const times = { user: user / 1000, sys: system / 1000, nice: 0, irq: 0 }
    const idle = Math.max(0, process.uptime() * 1000 - times.user - times.sys)
    return [{ model: model?.model ?? '', speed: model?.speed ?? 0, times: { ...times, idle } }]
  }
}

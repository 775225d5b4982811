export { describeFault, FAULTS, type FaultName, faultsOf, isFault, servicesOf } from './faults/catalogue.ts'
export { Load } from './load/load.ts'
export { RunningShop } from './shop/shop.ts'
export { NAMESPACE, SERVICES } from './shop/topology.ts'

export { leaseContract } from './database/leases.contract.ts'
export { placeIn } from './database/postgres/postgres.test-place.ts'

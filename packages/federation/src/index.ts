export { verifyRequest } from './signature/index.ts'

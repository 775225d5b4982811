export { type Listener, listener, tls } from './config/listener.ts'
export { bytes, duration, port } from './config/scalars.ts'

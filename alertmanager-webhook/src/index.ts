export { createWebhook, type Webhook, type WebhookOptions } from './app.ts'
export { Config } from './config.ts'
export { configFaults } from './config-faults.ts'
export { runWebhook } from './main.ts'

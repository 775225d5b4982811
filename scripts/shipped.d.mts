export function shipped(lock: { packages: Readonly<Record<string, object>> }): string[]

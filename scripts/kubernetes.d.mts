export function chartFiles(root: string): ReadonlyMap<string, string>
export function manifests(root: string, helm: string): ReadonlyMap<string, string>
export function kubernetes(options: { root: string; check: boolean; helm?: string }): number

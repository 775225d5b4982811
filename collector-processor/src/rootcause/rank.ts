export function rankRootCauses(): void {}

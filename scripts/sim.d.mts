export function bundleSimulation(entry: 'main' | 'judge'): Promise<string>;

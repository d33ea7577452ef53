import type { Existing } from './existing.ts';

/**
 * Scripts and workflows of earlier kits, as git names their content. They install `agentq` from a registry where the name
 * is free: whoever takes it would get what a pool may do. Nobody has changed these, so `init` replaces them, unasked. In
 * a repository of SHA-256, or where somebody did change them, `init` says that they differ.
 */
const FROM_A_REGISTRY: ReadonlySet<string> = new Set([
  '0a9df309360569fdc19abf6a7208979803f61f17',
  '18ec254f18f08b26c4820549491bcbc953dee125',
  '1ed502086c220a3f9fd574d90c9a46be723af1c7',
  '26f78f0c652da54f6a2733f244e02486196262e2',
  '2dd4ee5c4228daf8b06eb762fc840061d7dc3dc6',
  '3966d14d9c88ccba17facd4c91a4d3b136509664',
  '3a78a15c2ba33149e55bdf045d0e7c15461b5ef3',
  '7707b4db6959f25c5ba45a0e6ad25694adb6b4f4',
  '7a8a7608f3c1380c1a6c2ad90b373e20d24a15d9',
  '83117388d17583865646abce95e6f2fe48079310',
  '874d1a575f0b09aa9638c0ecd8180a4707b1d9a4',
  '9128492319fc3e5a0684b26ab8ea108e36cb65e6',
  '9288bc38d6cef1299b7f40942c2ba295c2cbed63',
  'b335d18d2ec96801a84689dcc2e5e290997bc4b4',
  'b9d1c2cb8c7581436f3b748d267236ca8410f51c',
  'bacf93d2f6ad790272d8ed1a69308b9672e4a891',
  'bd83afa2c31ca43bade485b75ca1c4ce81f80698',
  'ca7600ae4bb6bf1ad5096e6b9a0e29dda5f6820a',
  'cec56cc430f2e345065b60bac2293a135503a1e1',
  'cf52d2e3d9de83dde083f692b0286de6121a8c04',
  'd1b5b9ef8d00864a8cd02c8b271c1b05a2c4d89f',
  'd41306edac142ab12a7ea3ed76a4164776870015',
  'd6d2507d0c21cf1c301b84254279d542db8ea555',
  'e928a9a843d96b0be939a91f2359132fba5a11d7',
  'f69adfff4f99106c3bcd25d6bcc9e7b5f55f075f',
  'f924efa1b336a53636b9cd106cab716fd0697bcc',
]);

/** Whether the file runs what anybody may put into a registry. */
export function isDangerous(there: Existing): boolean {
  return there.kind === 'file' && there.blob !== undefined && FROM_A_REGISTRY.has(there.blob);
}

import type { Scene } from '../scene/scene.ts';

/** Makes a certificate for 127.0.0.1 that signs itself: `cert.pem` and `key.pem` in a folder of the scene that exists. */
export async function makeCertificate(box: Scene, folder: string): Promise<void> {
  const args = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
  const { exitCode, stderr } = await box.run(box.path(folder), 'openssl', ['req', ...args, ...names, ...files]);
  if (exitCode !== 0) throw new Error(stderr);
}

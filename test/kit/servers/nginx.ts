import type { Scene } from '../scene/scene.ts';
import { makeCertificate } from './certificate.ts';
import { freePort, type RunningServer, startProgram } from './server.ts';

const PASSWORD = 'correct horse';

/** Who may do what there: `worker` everything, `reader` everything but a push. */
export type NginxUser = 'worker' | 'reader';

export interface NginxOptions {
  readonly user: NginxUser;
  /** What the credential helper of git answers; the default is the right one. */
  readonly password?: string;
}

/**
 * Starts nginx with TLS and basic authentication before `git http-backend` (by fcgiwrap), with a certificate of its own.
 * Git in the scene trusts it, and has a credential helper with the user's password.
 */
export async function startNginx(box: Scene, { user, password = PASSWORD }: NginxOptions): Promise<RunningServer> {
  const port = await freePort();
  const root = await box.folder('nginx');
  await makeCertificate(box, 'nginx');
  await box.write('nginx', {
    users: `worker:{PLAIN}${PASSWORD}\nreader:{PLAIN}${PASSWORD}\n`,
    credentials: `https://${user}:${encodeURIComponent(password)}@127.0.0.1%3a${port}\n`,
    'nginx.conf': configuration(box, port),
  });
  await box.git('.', 'config', '--global', 'http.sslCAInfo', `${root}/cert.pem`);
  await box.git('.', 'config', '--global', 'credential.helper', `store --file=${root}/credentials`);
  await startProgram(box, { command: 'fcgiwrap', args: ['-c', '4', '-s', `unix:${root}/fcgi`] });
  await startProgram(box, {
    command: 'nginx',
    args: ['-p', root, '-e', 'stderr', '-c', `${root}/nginx.conf`],
    port,
  });
  return { url: `https://127.0.0.1:${port}/${box.remote}`, repository: box.remote };
}

function configuration(box: Scene, port: number): string {
  const root = box.path('nginx');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${root}/tmp;`,
  );
  // Started by root, its workers would be somebody else, who may not write to the repository.
  return `${process.getuid?.() === 0 ? 'user root root;' : ''}
daemon off;
worker_processes 1;
pid ${root}/pid;
events {}
http {
  access_log off;
  client_max_body_size 0;
  ${temporary.join('\n  ')}
  map "$remote_user $request_uri" $is_forbidden {
    default 0;
    "~^reader .*git-receive-pack" 1;
  }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${root}/cert.pem;
    ssl_certificate_key ${root}/key.pem;
    auth_basic "git";
    auth_basic_user_file ${root}/users;
    location / {
      if ($is_forbidden) {
        return 403;
      }
      fastcgi_pass unix:${root}/fcgi;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT ${box.root};
      fastcgi_param GIT_HTTP_EXPORT_ALL "";
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_param GIT_CONFIG_GLOBAL ${box.env.GIT_CONFIG_GLOBAL};
      fastcgi_param GIT_CONFIG_NOSYSTEM 1;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
    }
  }
}
`;
}

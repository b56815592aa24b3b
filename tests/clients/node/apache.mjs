// Debian's Apache with its mod_auth_openidc, as an ordinary process with a folder of its own.

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort, Process, temporaryFolder } from './program.mjs';
import { CONTOSO } from './server.mjs';

const SITE = fileURLToPath(new URL('../apache/mod_auth_openidc.conf', import.meta.url));
const MODULES = [
  'mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'include', 'proxy', 'proxy_http',
  'auth_openidc',
];

/** What Debian's own configuration says besides, as far as it is needed. */
function configuration({ folder, server, port, more }) {
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  return `
${modules.join('\n')}
ServerRoot "${folder}"
DefaultRuntimeDir "${folder}"
PidFile apache.pid
ErrorLog "|/bin/cat"
# Of use to root only, who must not answer requests.
User www-data
Group www-data
DocumentRoot "${folder}/site"
DirectoryIndex page
<Directory "${folder}/site">
  Options +Includes
  SetOutputFilter INCLUDES
</Directory>
Define AUTHORITY ${server.origin}/${CONTOSO}
Define CA ${folder}/ca.pem
Define PORT ${port}
Include "${SITE}"
${more}
`;
}

/** Starts it until the test \`t\` ends; \`more\` are further lines of configuration. Returns its origin. */
export async function startApache(t, server, more = '') {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  await mkdir(join(folder, 'site'));
  // A page that shows its environment.
  await writeFile(join(folder, 'site', 'page'), '<main><!--#printenv --></main>');
  await copyFile(process.env.NODE_EXTRA_CA_CERTS, join(folder, 'ca.pem'));
  await writeFile(join(folder, 'apache.conf'), configuration({ folder, server, port, more }));
  await chmod(folder, 0o755);
  await chmod(join(folder, 'ca.pem'), 0o644);
  const command = ['/usr/sbin/apache2', '-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'];
  const apache = new Process(t, command, folder);
  await apache.until((output) => output.includes('resuming normal operations'));
  return `http://localhost:${port}`;
}

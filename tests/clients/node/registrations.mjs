// Applications that the default world has registered, and how to register one more address.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WORLD = new URL('../../../fixtures/worlds/contoso.toml', import.meta.url);

export const CONTOSO_WEB = {
  client: 'c0a70500-0000-4000-8000-0000000000a1',
  secret: 'contoso-web-secret',
  callback: 'http://localhost:3000/auth/callback',
};
export const CONTOSO_SPA = {
  client: 'c0a70500-0000-4000-8000-0000000000a2',
  callback: 'http://localhost:3000/spa',
};
export const CONTOSO_CLI = {
  client: 'c0a70500-0000-4000-8000-0000000000a3',
  callback: 'http://localhost',
};
export const CONTOSO_DAEMON = {
  client: 'c0a70500-0000-4000-8000-0000000000a5',
  secret: 'contoso-daemon-secret',
};
export const FABRIKAM_PORTAL = {
  client: 'fab21ca0-0000-4000-8000-0000000000b1',
  secret: 'fabrikam-portal-secret',
  callback: 'http://localhost:3001/auth/callback',
};

/** The default world in which these applications are told of sign-outs: flags for a server. */
export async function tellingOfSignOuts(t, applications) {
  let world = await readFile(WORLD, 'utf8');
  for (const [{ client }, url] of applications) {
    const line = `client_id = "${client}"\ndisplay_name`;
    assert.equal(world.split(line).length, 2, `${client} once in the world`);
    world = world.replace(line, `logout_url = "${url}"\n${line}`);
  }
  return worldFile(t, world);
}

/** The default world in which what has the redirect URI `old` has `uri` too: flags for a server. */
export async function redirectingTo(t, uri, old = CONTOSO_WEB.callback) {
  const registered = `"${old}",`;
  const world = await readFile(WORLD, 'utf8');
  assert.equal(world.split(registered).length, 2, `${registered} once in the world`);
  return worldFile(t, world.replace(registered, `${registered} "${uri}",`));
}

/** The default world in which a built-in SAML provider answers a service provider too. */
export async function answeringServiceProvider(t, builtin, { entity, acs, logout }) {
  const entry = [
    '[[federation_service_provider]]',
    `builtin = "${builtin}"`,
    `entity_id = "${entity}"`,
    `reply_to = ["${acs}"]`,
    `logout_url = "${logout}"`,
  ];
  return worldFile(t, `${await readFile(WORLD, 'utf8')}\n${entry.join('\n')}\n`);
}

/** The default world with a real issuer in the place of the built-in Google. */
export async function withGoogleAt(t, issuer, { client, secret }) {
  const world = await readFile(WORLD, 'utf8');
  const slot = `issuer = "${issuer}"\nclient_id = "${client}"\nclient_secret = "${secret}"`;
  return worldFile(t, `${world}\n[google_provider]\n${slot}\n`);
}

/** The default world in which a real issuer signs Fabrikam's people in. */
export async function withFabrikamAt(t, issuer, { client, secret }) {
  const line = 'federated_domains = ["corp.fabrikam.example"]\n';
  const world = await readFile(WORLD, 'utf8');
  assert.equal(world.split(line).length, 2, 'Fabrikam once in the world');
  const slot = `issuer = "${issuer}"\nclient_id = "${client}"\nclient_secret = "${secret}"`;
  return worldFile(t, world.replace(line, `${line}\n[tenant.provider]\n${slot}\n`));
}

/** The default world in which Contoso has an application with SAML sign-on too. */
export async function withSignOnApplication(t, { entity, acs, logout, settings = [] }) {
  const entry = [
    '[[tenant.application]]',
    'client_id = "c0a70500-0000-4000-8000-0000000000b1"',
    'display_name = "Expenses"',
    'kind = "web"',
    `identifier_uris = ["${entity}"]`,
    `redirect_uris = ["${acs}"]`,
    `logout_url = "${logout}"`,
    ...settings,
  ];
  const [contoso, others, ...more] = (await readFile(WORLD, 'utf8')).split('# --- Tailspin');
  assert.deepEqual(more, []);
  return worldFile(t, `${contoso}${entry.join('\n')}\n\n# --- Tailspin${others}`);
}

/** A world in a file of its own: flags for a server. */
export async function worldFile(t, world) {
  const folder = await mkdtemp(join(tmpdir(), 'guestpass-world-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'world.toml');
  await writeFile(file, world);
  return ['--world', file];
}

// Certificates, on-behalf-of and passwords, seen by @azure/msal-node and @azure/identity over https.

import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ClientCertificateCredential, OnBehalfOfCredential } from '@azure/identity';
import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';

import { begin } from './case.mjs';
import { ALICE, BOB } from './people.mjs';
import { CONTOSO_CLI, CONTOSO_DAEMON, CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
// Published like every key of a mock: here it is the client's.
const PEM_FILE = join(root, 'keys/INSECURE-google.pem');
const PEM = readFileSync(PEM_FILE, 'utf8');
const API = 'c0a70500-0000-4000-8000-0000000000a4';
const API_SECRET = 'contoso-api-secret';
const GRAPH = 'https://graph.microsoft.com/.default';

/** The default world, in which the daemon and the API have a certificate. */
function world() {
  const key = `key_credentials = [{ certificate = "${PEM_FILE}" }]\n`;
  const consent = (client, resource, scope) => (
    `[[tenant.consent]]\nclient_id = "${client}"\n${resource}scopes = ["${scope}"]\n\n`
  );
  const additions = [
    ['secret = "contoso-daemon-secret"\n', key],
    ['app_roles = ["Files.Read.All"]\n', `secret = "${API_SECRET}"\n${key}\n${
      consent(API, '', 'User.Read')}${
      consent(CONTOSO_CLI.client, 'resource = "api://contoso-api"\n', 'Files.Read')}`],
  ];
  const text = readFileSync(join(root, 'fixtures/worlds/contoso.toml'), 'utf8');
  return additions.reduce((whole, [line, more]) => {
    assert.equal(whole.split(line).length, 2, line);
    return whole.replace(line, line + more);
  }, text);
}

async function beginThere(t) {
  const folder = await mkdtemp(join(tmpdir(), 'guestpass-'));
  t.after(() => rm(folder, { recursive: true }));
  writeFileSync(join(folder, 'world.toml'), world());
  return begin(t, ['--world', join(folder, 'world.toml')]);
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const auth = (server, clientId, more) => ({
  auth: {
    clientId,
    authority: `${server.origin}/${CONTOSO}`,
    knownAuthorities: [new URL(server.origin).host],
    ...more,
  },
});

function certificate(hash) {
  const { raw } = new X509Certificate(PEM);
  const name = hash === 'sha256' ? 'thumbprintSha256' : 'thumbprint';
  const thumbprint = createHash(hash).update(raw).digest('hex');
  return { clientCertificate: { [name]: thumbprint, privateKey: PEM, x5c: PEM } };
}

/** A member's token for the API; a password needs no browser. */
async function tokenForTheApi(server, person) {
  const app = new PublicClientApplication(auth(server, CONTOSO_CLI.client));
  const scopes = ['api://contoso-api/Files.Read'];
  const { address: username } = person;
  return app.acquireTokenByUsernamePassword({ scopes, username, password: 'guestpass' });
}

test('msal-node: a daemon by certificate, with either thumbprint', async (t) => {
  const { server } = await beginThere(t);
  for (const hash of ['sha256', 'sha1']) {
    const app = new ConfidentialClientApplication(
      auth(server, CONTOSO_DAEMON.client, certificate(hash)),
    );
    // It keeps one assertion, and sends it with the next request, too.
    for (const scope of [GRAPH, 'api://contoso-api/.default']) {
      const { accessToken } = await app.acquireTokenByClientCredential({ scopes: [scope] });
      assert.equal(claimsOf(accessToken).azpacr, '2');
    }
  }
});

test('@azure/identity: a daemon by certificate', async (t) => {
  const { server } = await beginThere(t);
  const at = { authorityHost: server.origin, disableInstanceDiscovery: true };
  for (const sendCertificateChain of [false, true]) {
    const credential = new ClientCertificateCredential(CONTOSO, CONTOSO_DAEMON.client, PEM_FILE, {
      ...at, sendCertificateChain,
    });
    const { token } = await credential.getToken(GRAPH);
    assert.equal(claimsOf(token).azpacr, '2');
    assert.equal((await server.graph(`users/${BOB.oid}`, token)).mail, BOB.address);
  }
});

test('msal-node: a member by password, and no guest', async (t) => {
  const { server } = await beginThere(t);
  const { account, accessToken } = await tokenForTheApi(server, ALICE);
  assert.equal(account.homeAccountId, ALICE.homeAccountId);
  assert.equal(claimsOf(accessToken).aud, API);
  await assert.rejects(tokenForTheApi(server, BOB), /AADSTS50020/);
});

test('msal-node and @azure/identity: an API acts on behalf of its caller', async (t) => {
  const { server } = await beginThere(t);
  const { accessToken: oboAssertion } = await tokenForTheApi(server, ALICE);
  for (const credential of [{ clientSecret: API_SECRET }, certificate('sha256')]) {
    const app = new ConfidentialClientApplication(auth(server, API, credential));
    const { accessToken } = await app.acquireTokenOnBehalfOf({
      oboAssertion, scopes: ['User.Read'],
    });
    assert.equal((await server.graph('me', accessToken)).id, ALICE.oid);
  }
  const credential = new OnBehalfOfCredential({
    tenantId: CONTOSO,
    clientId: API,
    clientSecret: API_SECRET,
    userAssertionToken: oboAssertion,
    authorityHost: server.origin,
    disableInstanceDiscovery: true,
  });
  const { token } = await credential.getToken('https://graph.microsoft.com/User.Read');
  assert.equal((await server.graph('me', token)).id, ALICE.oid);
  // A token for another application is no assertion.
  const web = new ConfidentialClientApplication(
    auth(server, CONTOSO_WEB.client, { clientSecret: CONTOSO_WEB.secret }),
  );
  const refused = web.acquireTokenOnBehalfOf({ oboAssertion, scopes: ['User.Read'] });
  await assert.rejects(refused, /AADSTS50013|50013/);
});

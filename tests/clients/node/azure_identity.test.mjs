// Members and guests sign in, seen by @azure/identity over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthorizationCodeCredential, ClientSecretCredential } from '@azure/identity';

import { begin, testThreePeople } from './case.mjs';
import * as guest from './guest.mjs';
import { assertClaims, BOB } from './people.mjs';
import { CONTOSO_DAEMON, CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const GRAPH = '00000003-0000-0000-c000-000000000000';

// Else it would ask login.microsoftonline.com whether this host is one of its own.
const at = (server) => ({ authorityHost: server.origin, disableInstanceDiscovery: true });

/** A sign-in without the library, which only redeems codes. */
async function obtainCode(server, browser, person) {
  await browser.open(`/${CONTOSO}/oauth2/v2.0/authorize?${new URLSearchParams({
    client_id: CONTOSO_WEB.client,
    response_type: 'code',
    redirect_uri: CONTOSO_WEB.callback,
    scope: 'openid profile offline_access User.Read',
    state: 'state-1',
  })}`);
  await guest.signsIn(browser, server, person);
  assert.ok(browser.left, `no way back to the application: ${browser.text}`);
  assert.equal(browser.left.searchParams.get('state'), 'state-1');
  return browser.left.searchParams.get('code');
}

testThreePeople('@azure/identity', async (t, person) => {
  const { server, browser } = await begin(t);
  const code = await obtainCode(server, browser, person);
  const { client, secret, callback } = CONTOSO_WEB;
  const credential = new AuthorizationCodeCredential(
    CONTOSO, client, secret, code, callback, at(server),
  );
  const { token } = await credential.getToken('User.Read');
  // Whoever calls Graph does not look into its tokens; this test may.
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  assertClaims(claims, server, person, GRAPH);
  assert.equal((await server.graph('me', token)).id, person.oid);
});

test('@azure/identity: Contoso Daemon calls Graph', async (t) => {
  const { server } = await begin(t);
  const { client, secret } = CONTOSO_DAEMON;
  const credential = new ClientSecretCredential(CONTOSO, client, secret, at(server));
  const { token } = await credential.getToken('https://graph.microsoft.com/.default');
  assert.equal((await server.graph(`users/${BOB.oid}`, token)).mail, BOB.address);
  const again = await credential.getToken('https://graph.microsoft.com/.default');
  assert.equal(again.token, token);
});

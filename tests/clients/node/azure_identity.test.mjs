// Members and guests sign in, seen by @azure/identity over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthorizationCodeCredential, ClientSecretCredential, DeviceCodeCredential } from '@azure/identity';

import { Browser } from './browser.mjs';
import { begin, testThreePeople } from './case.mjs';
import { obtainCode } from './codes.mjs';
import * as guest from './guest.mjs';
import { ALICE, assertClaims, BOB, FRANK } from './people.mjs';
import { CONTOSO_CLI, CONTOSO_DAEMON, CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO, IMPERSONATED } from './server.mjs';

const GRAPH = '00000003-0000-0000-c000-000000000000';

// Else it would ask login.microsoftonline.com whether this host is one of its own.
const at = (server) => (
  IMPERSONATED ? {} : { authorityHost: server.origin, disableInstanceDiscovery: true }
);

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

/** The library polls every five seconds and does not wait for who is shown the code. */
async function signsInOnDevice(server, person) {
  const browser = new Browser(server);
  let signedIn;
  const credential = new DeviceCodeCredential({
    tenantId: CONTOSO,
    clientId: CONTOSO_CLI.client,
    ...at(server),
    userPromptCallback: ({ verificationUri, userCode }) => {
      signedIn = (async () => {
        await guest.entersDeviceCode(browser, verificationUri, userCode);
        await guest.signsIn(browser, server, person, true);
        await guest.confirmsDevice(browser, 'Contoso CLI', person);
      })();
    },
  });
  const record = await credential.authenticate('User.Read');
  await signedIn;
  assert.equal(record.homeAccountId, person.homeAccountId);
  assert.deepEqual([record.tenantId, record.username], [CONTOSO, person.address]);
  const { token } = await credential.getToken('User.Read');
  assert.equal((await server.graph('me', token)).id, person.oid);
}

test('@azure/identity: Alice, Bob and Frank sign in on devices', async (t) => {
  const { server } = await begin(t);
  await Promise.all([ALICE, BOB, FRANK].map((person) => signsInOnDevice(server, person)));
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

// Graph by @microsoft/microsoft-graph-client: as a person, and as an application that manages guests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthorizationCodeCredential, ClientSecretCredential } from '@azure/identity';
import { Client, GraphError, PageIterator } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

import { begin, testThreePeople } from './case.mjs';
import { obtainCode } from './codes.mjs';
import { BOB } from './people.mjs';
import { CONTOSO_DAEMON, CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

const at = (server) => ({ authorityHost: server.origin, disableInstanceDiscovery: true });

function graphOf(server, credential, scope) {
  return Client.initWithMiddleware({
    authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [scope] }),
    baseUrl: server.origin,
    customHosts: new Set(['localhost']),
  });
}

function daemonOf(server) {
  const { client, secret } = CONTOSO_DAEMON;
  const credential = new ClientSecretCredential(CONTOSO, client, secret, at(server));
  return graphOf(server, credential, 'https://graph.microsoft.com/.default');
}

testThreePeople('@microsoft/microsoft-graph-client', async (t, person) => {
  const { server, browser } = await begin(t);
  const code = await obtainCode(server, browser, person);
  const { client, secret, callback } = CONTOSO_WEB;
  const credential = new AuthorizationCodeCredential(CONTOSO, client, secret, code, callback, at(server));
  const me = await graphOf(server, credential, 'User.Read').api('/me').get();
  assert.deepEqual([me.id, me.mail], [person.oid, person.address]);
});

test('@microsoft/microsoft-graph-client: an application manages guests', async (t) => {
  const { server } = await begin(t);
  const graph = daemonOf(server);
  const invitation = await graph.api('/invitations').post({
    invitedUserEmailAddress: 'zoe@northwind.example',
    inviteRedirectUrl: `${server.origin}/myapps/contoso.example`,
    sendInvitationMessage: true,
  });
  assert.equal(invitation.status, 'PendingAcceptance');
  assert.ok(invitation.inviteRedeemUrl.startsWith(`${server.origin}/redeem?rd=`));
  assert.ok(await server.acceptLink('zoe@northwind.example', CONTOSO));

  const found = await graph.api('/users').filter("mail eq 'zoe@northwind.example'")
    .select(['id', 'userType', 'externalUserState']).get();
  assert.equal(found.value.length, 1);
  const [zoe] = found.value;
  assert.equal(zoe.id, invitation.invitedUser.id);
  assert.deepEqual([zoe.userType, zoe.externalUserState], ['Guest', 'PendingAcceptance']);

  const seen = [];
  const first = await graph.api('/users').header('ConsistencyLevel', 'eventual').count(true).top(4).get();
  await new PageIterator(graph, first, (user) => seen.push(user.id) > 0).iterate();
  assert.equal(new Set(seen).size, first['@odata.count'], 'every page, and nobody twice');
  assert.ok(seen.includes(zoe.id) && seen.includes(BOB.oid) && seen.length > 8);

  await graph.api(`/users/${zoe.id}`).patch({ displayName: 'Zoe of Northwind' });
  assert.equal((await graph.api(`/users/${zoe.id}`).get()).displayName, 'Zoe of Northwind');
  await graph.api(`/users/${zoe.id}`).delete();
  await assert.rejects(graph.api(`/users/${zoe.id}`).get(), (error) => {
    assert.ok(error instanceof GraphError, error);
    assert.deepEqual([error.statusCode, error.code], [404, 'Request_ResourceNotFound']);
    return true;
  });
});

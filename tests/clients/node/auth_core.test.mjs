// Members and guests sign in, seen by the microsoft-entra-id provider of @auth/core over https.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Auth } from '@auth/core';
import MicrosoftEntraID from '@auth/core/providers/microsoft-entra-id';

import { begin, testThreePeople } from './case.mjs';
import { assertClaims } from './people.mjs';
import { CONTOSO_WEB, redirectingTo } from './registrations.mjs';
import { CONTOSO } from './server.mjs';
import { listen, signInTo } from './web_app.mjs';

/** The library answers Requests by Responses: this is Node's server around it. */
async function serve(config, incoming, outgoing) {
  const { method, headers, url } = incoming;
  const body = method === 'POST' ? Buffer.concat(await incoming.toArray()) : undefined;
  const request = new Request(`http://${headers.host}${url}`, { method, headers, body });
  const answer = await Auth(request, config);
  const page = Buffer.from(await answer.arrayBuffer());
  outgoing.setHeaders(answer.headers).writeHead(answer.status).end(page);
}

async function choosesEntra(visitor) {
  await visitor.open('/auth/signin');
  await visitor.click('form[action$="microsoft-entra-id"] button');
}

testThreePeople('@auth/core', async (t, person) => {
  // The path of its callback cannot be chosen.
  const callback = 'http://localhost:3000/auth/callback/microsoft-entra-id';
  const { server, browser } = await begin(t, await redirectingTo(t, callback));
  const found = [];
  const config = {
    basePath: '/auth',
    trustHost: true,
    secret: 'only for the session cookie of this test',
    providers: [MicrosoftEntraID({
      clientId: CONTOSO_WEB.client,
      clientSecret: CONTOSO_WEB.secret,
      issuer: server.issuer(CONTOSO),
      // The library's own fetches a photo from graph.microsoft.com.
      profile: ({ sub, name, email }) => ({ id: sub, name, email }),
    })],
    callbacks: { signIn: (what) => found.push(what) > 0 },
  };
  const app = createServer((incoming, outgoing) => {
    if (incoming.url === '/') outgoing.end('<main>Home</main>');
    else serve(config, incoming, outgoing);
  });
  const origin = await listen(t, app);
  const visitor = await signInTo(origin, server, browser, person, choosesEntra);
  assert.equal(visitor.text, 'Home');

  const [{ account, profile }] = found;
  assertClaims(profile, server, person, CONTOSO_WEB.client);
  assert.equal(account.providerAccountId, profile.sub);
  assert.equal(profile.email, person.address);
  await visitor.open('/auth/session');
  assert.equal(visitor.json.user.email, person.address);
});

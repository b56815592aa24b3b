// npm install @auth/core
import { createServer } from 'node:http';
import { Auth } from '@auth/core';
import MicrosoftEntraID from '@auth/core/providers/microsoft-entra-id';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

const config = {
  basePath: '/auth',
  secret: 'a secret of this application',
  trustHost: true,
  providers: [MicrosoftEntraID({
    clientId: 'c0a70500-0000-4000-8000-0000000000a1',
    clientSecret: 'contoso-web-secret',
    issuer: `${AUTHORITY}/v2.0`,
    // Its own would fetch a photo from graph.microsoft.com.
    profile: ({ oid, name, email }) => ({ id: oid, name, email }),
  })],
  callbacks: {
    jwt: ({ token, profile }) => (profile ? { ...token, claims: profile } : token),
    session: ({ session, token }) => ({ ...session, claims: token.claims }),
  },
};

// The library answers Requests by Responses: this is Node's server around it.
createServer(async (incoming, outgoing) => {
  const { method, headers } = incoming;
  const url = new URL(incoming.url, `http://localhost:${PORT}`);
  if (url.pathname === '/') url.pathname = '/auth/session';
  const body = method === 'POST' ? Buffer.concat(await incoming.toArray()) : undefined;
  const response = await Auth(new Request(url, { method, headers, body }), config);
  const signedOut = url.pathname === '/auth/session' && (await response.clone().text()) === 'null';
  if (signedOut) outgoing.setHeader('location', '/auth/signin?callbackUrl=/').writeHead(302).end();
  else outgoing.setHeaders(response.headers).writeHead(response.status).end(await response.text());
}).listen(PORT, () => console.log(`http://localhost:${PORT}`));

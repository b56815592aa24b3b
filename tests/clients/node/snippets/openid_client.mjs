// npm install openid-client express express-session
import express from 'express';
import session from 'express-session';
import * as oidc from 'openid-client';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

const contoso = await oidc.discovery(
  new URL(`${AUTHORITY}/v2.0`),
  'c0a70500-0000-4000-8000-0000000000a1',
  'contoso-web-secret',
);

const app = express();
app.use(session({ secret: 'a secret of this application', resave: false, saveUninitialized: false }));

app.get('/', async ({ session }, response) => {
  session.checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
  response.redirect(oidc.buildAuthorizationUrl(contoso, {
    redirect_uri: `http://localhost:${PORT}/auth/callback`,
    scope: 'openid profile email',
    state: session.checks.expectedState,
    nonce: session.checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(session.checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  }).href);
});

app.get('/auth/callback', async ({ originalUrl, session }, response) => {
  const url = new URL(originalUrl, `http://localhost:${PORT}`);
  const tokens = await oidc.authorizationCodeGrant(contoso, url, session.checks);
  response.json(tokens.claims());
});

app.listen(PORT, () => console.log(`http://localhost:${PORT}`));

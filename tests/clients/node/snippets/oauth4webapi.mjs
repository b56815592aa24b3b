// npm install oauth4webapi express express-session
import express from 'express';
import session from 'express-session';
import * as oauth from 'oauth4webapi';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

const issuer = new URL(`${AUTHORITY}/v2.0`);
const contoso = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: 'c0a70500-0000-4000-8000-0000000000a1' };
const secret = oauth.ClientSecretPost('contoso-web-secret');
const callback = `http://localhost:${PORT}/auth/callback`;

const app = express();
app.use(session({ secret: 'a secret of this application', resave: false, saveUninitialized: false }));

app.get('/', async ({ session }, response) => {
  session.verifier = oauth.generateRandomCodeVerifier();
  session.state = oauth.generateRandomState();
  session.nonce = oauth.generateRandomNonce();
  response.redirect(`${contoso.authorization_endpoint}?${new URLSearchParams({
    ...client,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile email',
    state: session.state,
    nonce: session.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: 'S256',
  })}`);
});

app.get('/auth/callback', async ({ originalUrl, session }, response) => {
  const answer = oauth.validateAuthResponse(contoso, client, new URL(originalUrl, callback), session.state);
  const tokens = await oauth.processAuthorizationCodeResponse(
    contoso,
    client,
    await oauth.authorizationCodeGrantRequest(contoso, client, secret, answer, callback, session.verifier),
    { expectedNonce: session.nonce, requireIdToken: true },
  );
  response.json(oauth.getValidatedIdTokenClaims(tokens));
});

app.listen(PORT, () => console.log(`http://localhost:${PORT}`));

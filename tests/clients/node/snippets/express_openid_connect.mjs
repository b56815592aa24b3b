// npm install express-openid-connect express
import express from 'express';
import connect from 'express-openid-connect';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

const app = express();
app.use(connect.auth({
  issuerBaseURL: `${AUTHORITY}/v2.0`,
  clientID: 'c0a70500-0000-4000-8000-0000000000a1',
  clientSecret: 'contoso-web-secret',
  clientAuthMethod: 'client_secret_post',
  baseURL: `http://localhost:${PORT}`,
  routes: { callback: '/auth/callback' },
  authorizationParams: { response_type: 'code', scope: 'openid profile email' },
  secret: 'a secret of this application',
}));

app.get('/', (request, response) => response.json(request.oidc.idTokenClaims));

app.listen(PORT, () => console.log(`http://localhost:${PORT}`));

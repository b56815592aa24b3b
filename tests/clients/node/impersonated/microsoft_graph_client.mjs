// npm install @microsoft/microsoft-graph-client @azure/identity
import { ClientSecretCredential } from '@azure/identity';
import { Client } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

const credential = new ClientSecretCredential(
  'c0a70500-0000-4000-8000-00000000c0a7',
  'c0a70500-0000-4000-8000-0000000000a5',
  'contoso-daemon-secret',
);
const scopes = ['https://graph.microsoft.com/.default'];
const graph = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes }),
});

const { value } = await graph.api('/users').filter("mail eq 'bob@fabrikam.example'").get();
console.log(JSON.stringify(value));

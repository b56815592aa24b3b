// npm install @microsoft/microsoft-graph-client @azure/identity
import { ClientSecretCredential } from '@azure/identity';
import { Client } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';

const HOST = process.env.AZURE_AUTHORITY_HOST ?? 'https://localhost:8443';

const credential = new ClientSecretCredential(
  'c0a70500-0000-4000-8000-00000000c0a7',
  'c0a70500-0000-4000-8000-0000000000a5',
  'contoso-daemon-secret',
  { authorityHost: HOST, disableInstanceDiscovery: true },
);
const graph = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, {
    scopes: ['https://graph.microsoft.com/.default'],
  }),
  baseUrl: HOST,
  // It sends its token to the hosts of Microsoft and to these.
  customHosts: new Set([new URL(HOST).hostname]),
});

const invitation = await graph.api('/invitations').post({
  invitedUserEmailAddress: 'zoe@northwind.example',
  inviteRedirectUrl: `${HOST}/myapps/contoso.example`,
});
const guests = await graph.api('/users').filter("userType eq 'Guest'").select(['id', 'mail', 'externalUserState']).get();
console.log(JSON.stringify({ invitation, guests: guests.value }));

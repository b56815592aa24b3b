// npm install @azure/identity
import { InteractiveBrowserCredential } from '@azure/identity';

const AUTHORITY_HOST = process.env.AZURE_AUTHORITY_HOST ?? 'https://localhost:8443';

const credential = new InteractiveBrowserCredential({
  authorityHost: AUTHORITY_HOST,
  tenantId: 'c0a70500-0000-4000-8000-00000000c0a7',
  clientId: 'c0a70500-0000-4000-8000-0000000000a3',
  // Not a host of Microsoft's: it is not to ask login.microsoftonline.com about it.
  disableInstanceDiscovery: true,
});
const { token } = await credential.getToken('https://graph.microsoft.com/User.Read');
const me = await fetch(`${AUTHORITY_HOST}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
console.log(JSON.stringify(await me.json()));

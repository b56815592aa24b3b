"""Graph by msgraph-sdk: as a person, and as an application that manages guests."""

import asyncio

from azure.identity import AuthorizationCodeCredential, ClientSecretCredential
from case import ClientCase, ThreePeople
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.user import User
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from people import BOB
from registrations import CONTOSO_DAEMON, CONTOSO_WEB
from server import CONTOSO

ZOE = "zoe@northwind.example"


class MsGraph(ThreePeople, ClientCase):
    def graph_of(self, make, app, scope, **more):
        credential = make(
            tenant_id=CONTOSO,
            client_id=app.client,
            client_secret=app.secret,
            authority=self.server.origin,
            disable_instance_discovery=True,
            **more,
        )
        self.enterContext(credential)
        provider = AzureIdentityAuthenticationProvider(
            credential, scopes=[scope], allowed_hosts=["localhost"]
        )
        adapter = GraphRequestAdapter(provider)
        adapter.base_url = f"{self.server.origin}/v1.0"
        return GraphServiceClient(request_adapter=adapter)

    def signs_in(self, person):
        graph = self.graph_of(
            AuthorizationCodeCredential,
            CONTOSO_WEB,
            "User.Read",
            authorization_code=self.obtains_code(person),
            redirect_uri=CONTOSO_WEB.callback,
        )
        me = asyncio.run(graph.me.get())
        self.assertEqual((me.id, me.mail), (person.oid, person.address))

    def test_an_application_manages_guests(self):
        scope = "https://graph.microsoft.com/.default"
        asyncio.run(self.manages_guests(self.graph_of(ClientSecretCredential, CONTOSO_DAEMON, scope)))

    async def manages_guests(self, graph):
        invitation = await graph.invitations.post(
            Invitation(
                invited_user_email_address=ZOE,
                invite_redirect_url=f"{self.server.origin}/myapps/contoso.example",
                send_invitation_message=True,
            )
        )
        self.assertEqual(invitation.status, "PendingAcceptance")
        self.assertTrue(invitation.invite_redeem_url.startswith(f"{self.server.origin}/redeem?rd="))
        self.assertTrue(self.server.accept_link(ZOE, CONTOSO))

        (zoe,) = (await self.users(graph, filter=f"mail eq '{ZOE}'")).value
        self.assertEqual(zoe.id, invitation.invited_user.id)
        self.assertEqual((zoe.user_type, zoe.external_user_state), ("Guest", "PendingAcceptance"))

        page = await self.users(graph, count=True, top=4)
        number, seen = page.odata_count, [user.id for user in page.value]
        while page.odata_next_link:
            page = await graph.users.with_url(page.odata_next_link).get()
            seen += [user.id for user in page.value]
        self.assertEqual(len(set(seen)), number, "every page, and nobody twice")
        self.assertIn(BOB.oid, seen)

        one = graph.users.by_user_id(zoe.id)
        await one.patch(User(display_name="Zoe of Northwind"))
        self.assertEqual((await one.get()).display_name, "Zoe of Northwind")
        await one.delete()
        with self.assertRaises(ODataError) as refused:
            await one.get()
        self.assertEqual(refused.exception.response_status_code, 404)
        self.assertEqual(refused.exception.error.code, "Request_ResourceNotFound")

    async def users(self, graph, **query):
        select = ["id", "userType", "externalUserState"]
        asked = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(select=select, **query)
        configuration = RequestConfiguration(query_parameters=asked)
        configuration.headers.add("ConsistencyLevel", "eventual")
        return await graph.users.get(configuration)

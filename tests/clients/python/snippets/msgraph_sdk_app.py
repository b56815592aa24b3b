# pip install msgraph-sdk azure-identity
import asyncio
import os
from urllib.parse import urlsplit

from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

HOST = os.environ.get("AZURE_AUTHORITY_HOST", "https://localhost:8443")


async def main():
    credential = ClientSecretCredential(
        "c0a70500-0000-4000-8000-00000000c0a7",
        "c0a70500-0000-4000-8000-0000000000a5",
        "contoso-daemon-secret",
        authority=HOST,
        disable_instance_discovery=True,
    )
    adapter = GraphRequestAdapter(
        AzureIdentityAuthenticationProvider(
            credential,
            scopes=["https://graph.microsoft.com/.default"],
            # It sends its token to these.
            allowed_hosts=[urlsplit(HOST).hostname],
        )
    )
    adapter.base_url = f"{HOST}/v1.0"
    graph = GraphServiceClient(request_adapter=adapter)

    invitation = await graph.invitations.post(
        Invitation(
            invited_user_email_address="zoe@northwind.example",
            invite_redirect_url=f"{HOST}/myapps/contoso.example",
        )
    )
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        filter="userType eq 'Guest'", select=["id", "mail", "externalUserState"]
    )
    guests = await graph.users.get(RequestConfiguration(query_parameters=query))
    print(invitation.invite_redeem_url)
    for guest in guests.value:
        print(guest.id, guest.mail, guest.external_user_state)


asyncio.run(main())

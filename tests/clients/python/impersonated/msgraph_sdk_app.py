# pip install msgraph-sdk azure-identity
import asyncio

from azure.identity import ClientSecretCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.invitation import Invitation

graph = GraphServiceClient(
    ClientSecretCredential(
        "c0a70500-0000-4000-8000-00000000c0a7",
        "c0a70500-0000-4000-8000-0000000000a5",
        "contoso-daemon-secret",
    )
)


async def main():
    invitation = Invitation(
        invited_user_email_address="zoe@northwind.example",
        invite_redirect_url="https://myapps.microsoft.com",
    )
    print((await graph.invitations.post(invitation)).invite_redeem_url)


asyncio.run(main())

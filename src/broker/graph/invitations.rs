//! `POST /v1.0/invitations`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bearer, GraphFailure, body_object, object, read, retry_graph};
use crate::broker::Broker;
use crate::broker::seed::expiry;
use crate::decide::invite::{self, Caller, Invitee, Outcome};
use crate::directory::{
    Contact, ExternalUser, ExternalUserState, Invitation, InvitationStatus, Role, Tenant,
    TermsAcceptance, User, UserType,
};
use crate::fault::GraphFault;
use crate::ids::{EmailAddress, InvitationId, ObjectId, TicketValue};
use crate::mail::{Content, InvitationMail, Inviter, Message, redeem_path};
use crate::store::ChangeSet;
use crate::store::records::by;

const INVITING: &[&str] = &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const RESETTING: &[Role] =
    &[Role::GlobalAdministrator, Role::HelpdeskAdministrator, Role::UserAdministrator];

/// The body, as far as it matters; other members are ignored.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvitationBody {
    invited_user_email_address: String,
    invite_redirect_url: String,
    invited_user_display_name: Option<String>,
    invited_user_type: Option<UserType>,
    #[serde(default)]
    send_invitation_message: bool,
    #[serde(default)]
    reset_redemption: bool,
    #[serde(default, deserialize_with = "object")]
    invited_user: Option<InvitedUser>,
    #[serde(default, deserialize_with = "object")]
    invited_user_message_info: MessageInfo,
}

#[derive(Debug, Clone, Deserialize)]
struct InvitedUser {
    id: ObjectId,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageInfo {
    message_language: Option<String>,
    customized_message_body: Option<String>,
    #[serde(default)]
    cc_recipients: Vec<Recipient>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    #[serde(deserialize_with = "object")]
    email_address: RecipientAddress,
}

#[derive(Debug, Clone, Deserialize)]
struct RecipientAddress {
    address: String,
}

/// The body, checked.
struct Request {
    body: InvitationBody,
    address: EmailAddress,
    cc: Option<EmailAddress>,
}

impl Broker {
    /// Creates an invitation; the answer is the invitation resource, for status 201.
    pub async fn invite(
        &self,
        bearer: &Bearer,
        origin: &str,
        body: &[u8],
    ) -> Result<Value, GraphFault> {
        let request = check(read(body_object(body)?)?)?;
        retry_graph!(self.try_invite(bearer, origin, &request).await)
    }

    async fn try_invite(
        &self,
        bearer: &Bearer,
        origin: &str,
        request: &Request,
    ) -> Result<Value, GraphFailure> {
        let mut changes = ChangeSet::new();
        let guest = if request.body.reset_redemption {
            self.reset_redemption(bearer, request, &mut changes).await?
        } else {
            self.invited_guest(bearer, request, &mut changes).await?
        };
        let index = by::invitations_of(guest.tenant, guest.id);
        for mut old in self.store.find::<Invitation>(index).await? {
            old.status = InvitationStatus::Superseded;
            changes.update(&old);
        }
        let now = self.clock.now();
        let ticket = TicketValue::new(self.entropy.token());
        let invitation = Invitation {
            id: InvitationId::new(self.entropy.guid()),
            tenant: guest.tenant,
            guest: guest.id,
            invited_user_email_address: request.address.clone(),
            ticket: ticket.digest(),
            invite_redirect_url: Some(request.body.invite_redirect_url.clone()),
            status: InvitationStatus::PendingAcceptance,
            created_at: now,
            expires_at: expiry(bearer.tenant.invitation_lifetime, now),
        };
        changes.insert(&invitation);
        if request.body.send_invitation_message {
            self.mail_invitation(bearer, request, (&invitation, &ticket), &mut changes).await?;
        }
        self.store.commit(changes).await?;
        let origins = (origin, self.origins.login(origin));
        Ok(resource(request, &invitation, &ticket, &guest, origins))
    }

    /// The guest object: a new one, or the pending one that is invited again.
    async fn invited_guest(
        &self,
        bearer: &Bearer,
        request: &Request,
        changes: &mut ChangeSet,
    ) -> Result<User, GraphFailure> {
        let tenant = &bearer.tenant;
        let address = &request.address;
        let known = self.user_at(tenant.id, address).await?;
        let invited_user_type = request.body.invited_user_type.unwrap_or(UserType::Guest);
        let decision = invite::decide(&invite::Facts {
            allow_invites_from: tenant.allow_invites_from,
            caller: bearer.user.as_ref().map_or(Caller::Application, Caller::User),
            has_permission: bearer.has_permission(INVITING),
            address,
            invited_user_type,
            invitee: match &known {
                Some(user) => Invitee::User(user),
                None if tenant.owns(&address.domain()) => Invitee::OwnDomain,
                None => Invitee::Unknown,
            },
        });
        match (decision.into_parts().0, known) {
            (Outcome::Refused(fault), _) => Err(fault.into()),
            (Outcome::InviteAgain(_), Some(guest)) => {
                changes.unchanged(&guest);
                Ok(guest.record)
            }
            (Outcome::Create | Outcome::InviteAgain(_), _) => {
                let contact = self.store.get::<Contact>(by::contact(tenant.id, address)).await?;
                let id = ObjectId::new(self.entropy.guid());
                let (domain, now) = (tenant.initial_domain(), self.clock.now());
                let taken = contact.is_some();
                let mut guest = User::invited(id, tenant.id, domain, address, taken, now);
                guest.user_type = invited_user_type;
                if let Some(name) = &request.body.invited_user_display_name {
                    guest.display_name.clone_from(name);
                }
                changes.insert(&guest);
                Ok(guest)
            }
        }
    }

    /// Back to pending, with another address perhaps; object id and user principal name stay
    /// (reset-redemption article).
    async fn reset_redemption(
        &self,
        bearer: &Bearer,
        request: &Request,
        changes: &mut ChangeSet,
    ) -> Result<User, GraphFailure> {
        let missing = || GraphFault::bad_request("invitedUser.id is required to reset redemption.");
        let id = request.body.invited_user.as_ref().ok_or_else(missing)?.id;
        if !bearer.may(INVITING, RESETTING) {
            return Err(GraphFault::denied().into());
        }
        let guest = self.user(bearer.tenant.id, id).await?;
        let mut guest = guest.ok_or_else(|| GraphFault::not_found(id))?;
        if bearer.user.is_none() && !guest.roles.is_empty() {
            return Err(GraphFault::denied().into());
        }
        let Some(external) = &guest.external else {
            let message = "Only a guest's redemption can be reset.";
            return Err(GraphFault::bad_request(message).into());
        };
        let state_changed_at = external.next_change(self.clock.now());
        let address = &request.address;
        if guest.mail.as_ref() != Some(address) && !guest.other_mails.contains(address) {
            let message =
                "invitedUserEmailAddress must be in the mail or otherMails property of the user.";
            return Err(GraphFault::bad_request(message).into());
        }
        if external.invited_user_email_address != *address {
            // Perhaps another person: what was agreed to before is not theirs.
            for terms in &bearer.tenant.terms_of_use {
                let key = by::terms_acceptance(bearer.tenant.id, guest.id, terms.id);
                if let Some(acceptance) = self.store.get::<TermsAcceptance>(key).await? {
                    changes.delete(&acceptance);
                }
            }
        }
        guest.record.external = Some(ExternalUser {
            invited_user_email_address: address.clone(),
            state: ExternalUserState::PendingAcceptance,
            state_changed_at,
            linked: None,
        });
        changes.update(&guest);
        Ok(guest.record)
    }

    async fn mail_invitation(
        &self,
        bearer: &Bearer,
        request: &Request,
        (invitation, ticket): (&Invitation, &TicketValue),
        changes: &mut ChangeSet,
    ) -> Result<(), GraphFailure> {
        let tenant = &bearer.tenant;
        let inviter = bearer.user.as_ref().filter(|user| user.mail.is_some());
        // Custom text is dropped where the inviter has no mailbox here (troubleshooting article).
        let message = &request.body.invited_user_message_info.customized_message_body;
        let message = inviter.and(message.clone());
        let home = self.tenant_of_domain(&request.address.domain()).await?;
        let content = if self.redeems_automatically(tenant, home.map(|home| home.id)).await? {
            Content::Notification {
                organization: tenant.display_name.clone(),
                domain: tenant.initial_domain().to_owned(),
            }
        } else {
            Content::Invitation(invitation_mail(
                tenant,
                invitation,
                ticket,
                inviter.map(|user| Inviter {
                    name: user.display_name.clone(),
                    address: user.address().to_owned(),
                }),
                message,
                request.cc.clone(),
            ))
        };
        let now = self.clock.now();
        for to in std::iter::once(&request.address).chain(&request.cc) {
            let id = Some(tenant.id);
            changes.insert(&Message::new(to.clone(), id, content.clone(), now, &self.entropy));
        }
        Ok(())
    }
}

/// The mail of an invitation.
pub(in crate::broker) fn invitation_mail(
    tenant: &Tenant,
    invitation: &Invitation,
    ticket: &TicketValue,
    inviter: Option<Inviter>,
    message: Option<String>,
    cc: Option<EmailAddress>,
) -> InvitationMail {
    InvitationMail {
        organization: tenant.display_name.clone(),
        domain: tenant.initial_domain().to_owned(),
        inviter,
        message,
        cc,
        privacy_statement_url: tenant.privacy_statement_url.clone(),
        tenant: tenant.id,
        invitation: invitation.id,
        ticket: ticket.reveal().to_owned(),
    }
}

/// What every reader of the address takes for its host: no user, no further slash, no backslash.
fn starts_with_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !authority.is_empty() && authority.is_ascii() && !authority.contains(['@', '\\'])
}

fn check(body: InvitationBody) -> Result<Request, GraphFault> {
    let address = body.invited_user_email_address.parse::<EmailAddress>();
    let address = address.and_then(|address| address.check_invitable().map(|()| address));
    let address = address.map_err(|error| {
        GraphFault::bad_request(format!("The invited user email address is not valid: {error}."))
    })?;
    let url = &body.invite_redirect_url;
    let clean = url.len() <= 2048 && url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let absolute = url::Url::parse(url).is_ok_and(|parsed| {
        matches!(parsed.scheme(), "http" | "https")
            && parsed.has_host()
            && url.strip_prefix(&format!("{}://", parsed.scheme())).is_some_and(starts_with_host)
    });
    if !(clean && absolute) {
        let message = "The inviteRedirectUrl must be an absolute http or https URL.";
        return Err(GraphFault::bad_request(message));
    }
    let name = body.invited_user_display_name.as_deref().unwrap_or("x");
    if name.trim().is_empty() || name.chars().count() > 256 || name.chars().any(char::is_control) {
        return Err(GraphFault::bad_request("The invitedUserDisplayName is not valid."));
    }
    let cc = match body.invited_user_message_info.cc_recipients.as_slice() {
        [] => None,
        [one] => Some(one.email_address.address.parse().map_err(|error| {
            GraphFault::bad_request(format!("The copy recipient is not valid: {error}."))
        })?),
        _ => return Err(GraphFault::bad_request("Only one copy recipient is supported.")),
    };
    Ok(Request { body, address, cc })
}

fn resource(
    request: &Request,
    invitation: &Invitation,
    ticket: &TicketValue,
    guest: &User,
    (graph, login): (&str, &str),
) -> Value {
    let body = &request.body;
    let inner = format!("{login}{}", redeem_path(guest.tenant, invitation.id, ticket.reveal()));
    let mut redeem = url::form_urlencoded::Serializer::new(String::new());
    redeem.append_pair("rd", &inner);
    let info = &body.invited_user_message_info;
    let cc = info.cc_recipients.iter().map(|recipient| {
        json!({ "emailAddress": { "name": null, "address": recipient.email_address.address } })
    });
    json!({
        "@odata.context": format!("{graph}/v1.0/$metadata#invitations/$entity"),
        "id": invitation.id,
        "inviteRedeemUrl": format!("{login}/redeem?{}", redeem.finish()),
        "invitedUserDisplayName": body.invited_user_display_name,
        "invitedUserType": guest.user_type.as_str(),
        "invitedUserEmailAddress": body.invited_user_email_address,
        "sendInvitationMessage": body.send_invitation_message,
        "resetRedemption": body.reset_redemption,
        "inviteRedirectUrl": body.invite_redirect_url,
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": {
            "messageLanguage": info.message_language,
            "customizedMessageBody": info.customized_message_body,
            "ccRecipients": cc.collect::<Vec<_>>(),
        },
        "invitedUser": { "id": guest.id },
    })
}

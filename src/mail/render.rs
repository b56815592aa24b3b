//! A mail in words.

use askama::Template as _;
use serde::Serialize;

use super::{Content, InvitationMail, Message, Purpose, redeem_path};

/// A mail as it is read.
#[derive(Debug, Clone, Serialize)]
pub struct Rendered {
    /// `From`.
    pub from: String,
    /// `Reply-To`.
    pub reply_to: Option<String>,
    /// `Subject`.
    pub subject: String,
    /// The plain-text body.
    pub text: String,
    /// The HTML body.
    pub html: String,
    /// What can be clicked.
    pub links: Links,
    /// The code, if it carries one.
    pub code: Option<String>,
}

/// What can be clicked in a mail.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Links {
    /// *Accept invitation*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "mail/invitation.html")]
struct InvitationHtml<'a> {
    mail: &'a InvitationMail,
    subject: &'a str,
    accept: &'a str,
}

#[derive(askama::Template)]
#[template(path = "mail/invitation.txt", escape = "none")]
struct InvitationText<'a> {
    mail: &'a InvitationMail,
    accept: &'a str,
}

#[derive(askama::Template)]
#[template(path = "mail/passcode.html")]
struct PasscodeHtml<'a> {
    organization: &'a str,
    code: &'a str,
    new_account: bool,
    subject: &'a str,
}

#[derive(askama::Template)]
#[template(path = "mail/passcode.txt", escape = "none")]
struct PasscodeText<'a> {
    organization: &'a str,
    code: &'a str,
    new_account: bool,
}

#[derive(askama::Template)]
#[template(path = "mail/notification.html")]
struct NotificationHtml<'a> {
    organization: &'a str,
    domain: &'a str,
    subject: &'a str,
}

#[derive(askama::Template)]
#[template(path = "mail/notification.txt", escape = "none")]
struct NotificationText<'a> {
    organization: &'a str,
    domain: &'a str,
}

impl Message {
    /// What kind of mail it is, in the control API.
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Invitation(_) => "invitation",
            Content::Notification { .. } => "notification",
            Content::Passcode { .. } => "passcode",
        }
    }

    /// The mail in words, with links under `origin`.
    ///
    /// # Errors
    /// None in practice: the templates are compiled in, and a `String` takes every write.
    pub fn render(&self, origin: &str) -> Result<Rendered, askama::Error> {
        match &self.content {
            Content::Invitation(mail) => invitation(mail, origin),
            Content::Notification { organization, domain } => notification(organization, domain),
            Content::Passcode { organization, code, purpose } => {
                passcode(organization, code, *purpose == Purpose::NewAccount)
            }
        }
    }
}

/// Subject and parts after the elements-of-the-invitation-email article.
fn invitation(mail: &InvitationMail, origin: &str) -> Result<Rendered, askama::Error> {
    let who = mail.inviter.as_ref().map_or(mail.organization.as_str(), |i| i.name.as_str());
    let subject =
        header(&format!("{who} invited you to access applications within their organization"));
    let accept = format!("{origin}{}", redeem_path(mail.tenant, mail.invitation, &mail.ticket));
    Ok(Rendered {
        from: "Microsoft Invitations (mock) <invites@guestpass.example>".to_owned(),
        reply_to: mail.inviter.as_ref().map(|inviter| header(&inviter.address)),
        text: InvitationText { mail, accept: &accept }.render()?,
        html: InvitationHtml { mail, subject: &subject, accept: &accept }.render()?,
        links: Links { accept: Some(accept) },
        code: None,
        subject,
    })
}

fn notification(organization: &str, domain: &str) -> Result<Rendered, askama::Error> {
    let subject = header(&format!("You now have access to {organization}"));
    Ok(Rendered {
        from: FROM.to_owned(),
        reply_to: None,
        text: NotificationText { organization, domain }.render()?,
        html: NotificationHtml { organization, domain, subject: &subject }.render()?,
        links: Links::default(),
        code: None,
        subject,
    })
}

fn passcode(organization: &str, code: &str, new_account: bool) -> Result<Rendered, askama::Error> {
    let subject = header(&format!("Your {organization} account verification code"));
    Ok(Rendered {
        from: FROM.to_owned(),
        reply_to: None,
        text: PasscodeText { organization, code, new_account }.render()?,
        html: PasscodeHtml { organization, code, new_account, subject: &subject }.render()?,
        links: Links::default(),
        code: Some(code.to_owned()),
        subject,
    })
}

const FROM: &str = "Microsoft account team (mock) <account@guestpass.example>";

/// One line of a mail header: no control characters, whatever a name contains.
fn header(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;
    use uuid::Uuid;

    fn mail(message: &str, organization: &str) -> Rendered {
        let tenant = "c0a70500-0000-4000-8000-00000000c0a7".parse().unwrap();
        let content = Content::Invitation(InvitationMail {
            organization: organization.to_owned(),
            domain: "contoso.onmicrosoft.com".to_owned(),
            inviter: None,
            message: Some(message.to_owned()),
            cc: None,
            privacy_statement_url: None,
            tenant,
            invitation: crate::ids::InvitationId::new(Uuid::from_u128(7)),
            ticket: "ticket".to_owned(),
        });
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let to = "frank@northwind.example".parse().unwrap();
        Message::new(to, Some(tenant), content, now, &Entropy::seeded(1))
            .render("https://localhost:8443")
            .unwrap()
    }

    /// `IV-9`, `IJ-1`: whatever a message or a name contains, it is text, and one header line.
    #[test]
    fn escapes_what_others_wrote() {
        let mail = mail("<script>alert(1)</script>", "Evil\r\nBcc: all@y.example");
        assert!(!mail.html.contains("<script>"), "{}", mail.html);
        assert!(mail.html.contains("&#60;script&#62;"));
        assert!(!mail.subject.contains(['\r', '\n']) && !mail.from.contains(['\r', '\n']));
    }

    #[test]
    fn links_to_the_origin_it_is_read_through() {
        let mail = mail("Hello", "Contoso");
        insta::assert_snapshot!(mail.links.accept.unwrap(), @"https://localhost:8443/invitations/redeem/?tenant=c0a70500-0000-4000-8000-00000000c0a7&user=00000000-0000-0000-0000-000000000007&ticket=ticket&ver=2.0");
        insta::assert_snapshot!(mail.text, @"
        Please only act on this email if you trust the individual and organization represented below.

        Organization: Contoso
        Domain: contoso.onmicrosoft.com

        Message from the sender:
        Hello

        Accept invitation: https://localhost:8443/invitations/redeem/?tenant=c0a70500-0000-4000-8000-00000000c0a7&user=00000000-0000-0000-0000-000000000007&ticket=ticket&ver=2.0

        Contoso has not provided a link to a privacy statement.
        ");
    }

    #[test]
    fn sorts_the_newest_first() {
        let to: crate::ids::EmailAddress = "a@b.example".parse().unwrap();
        let entropy = Entropy::system();
        let at = |time: &str| {
            let content = Content::Notification { organization: "A".into(), domain: "b".into() };
            Message::new(to.clone(), None, content, time.parse().unwrap(), &entropy).id
        };
        assert!(at("2026-01-01T00:00:01Z") < at("2026-01-01T00:00:00Z"));
        let (first, second) = (at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
        assert!(second < first, "of one instant, the later one comes first");
    }
}

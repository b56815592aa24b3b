//! The inbox: every mail that was sent.

use jiff::Timestamp;
use serde::Serialize;

use super::failure::internal;
use super::{Broker, Here};
use crate::fault::{Fault, say};
use crate::ids::{EmailAddress, MessageId, TenantId};
use crate::mail::{Links, Message, Rendered};
use crate::store::records::by;
use crate::store::{Page, Query};

/// A mail as the control API gives it.
#[derive(Debug, Clone, Serialize)]
pub struct InboxMessage {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub to: EmailAddress,
    /// The tenant that sent it.
    pub tenant: Option<TenantId>,
    /// `invitation`, `passcode`, `notification`.
    pub kind: &'static str,
    /// From whom.
    pub from: String,
    /// `Reply-To`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Its subject.
    pub subject: String,
    /// When.
    pub sent_at: Timestamp,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
    /// What can be clicked.
    pub links: Links,
    /// The code it carries.
    pub code: Option<String>,
}

const MOST: u32 = 200;

impl Broker {
    /// The mails to an address, newest first; of one tenant, if one is named.
    pub async fn inbox(
        &self,
        origin: &str,
        to: &EmailAddress,
        tenant: Option<&str>,
    ) -> Result<Vec<InboxMessage>, Fault> {
        let tenant = match tenant {
            None => None,
            Some(name) => {
                let found = self.tenant_by_name(name).await.map_err(|_| say::internal())?;
                let shown: String = name.chars().take(80).collect();
                Some(found.ok_or_else(|| say::authority_not_found(shown))?.id)
            }
        };
        let page = Page { after: None, limit: MOST };
        let found = self.store.search::<Message>(&by::messages_to(to), &page).await;
        let found = found.map_err(internal)?.into_iter().map(|stored| stored.record);
        let matching = found.filter(|mail| tenant.is_none() || mail.tenant == tenant);
        matching.map(|mail| shown(mail, origin)).collect()
    }

    /// One mail.
    pub async fn mail(
        &self,
        here: &Here,
        to: &EmailAddress,
        id: MessageId,
    ) -> Result<Option<InboxMessage>, Fault> {
        let found = self.store.get::<Message>(by::message(to, id)).await.map_err(internal)?;
        found.map(|stored| shown(stored.record, &here.origin)).transpose()
    }

    /// The newest mails to anybody.
    pub async fn newest_mail(&self, origin: &str) -> Result<Vec<InboxMessage>, Fault> {
        let page = Page { after: None, limit: MOST };
        let query = Query::By(by::every_message());
        let found = self.store.search::<Message>(&query, &page).await.map_err(internal)?;
        found.into_iter().map(|stored| shown(stored.record, origin)).collect()
    }
}

fn shown(mail: Message, origin: &str) -> Result<InboxMessage, Fault> {
    let kind = mail.kind();
    let rendered = mail.render(origin).map_err(|e| say::internal().with_detail(e.to_string()))?;
    let Rendered { from, reply_to, subject, text, html, links, code } = rendered;
    Ok(InboxMessage {
        id: mail.id,
        to: mail.to,
        tenant: mail.tenant,
        kind,
        from,
        reply_to,
        subject,
        sent_at: mail.sent_at,
        text,
        html,
        links,
        code,
    })
}

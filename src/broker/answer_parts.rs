//! What a complete sign-in sends to the client through the browser: code, id token, access token.

use super::Broker;
use super::failure::Failure;
use super::run::Run;
use super::standing::Standings;
use crate::ids::GrantId;
use crate::interaction::{AuthorizationCode, Front, GrantRecord, Granted, Issuing};
use crate::protocol::authorize::AuthorizationRequest;

impl Broker {
    /// The parts of the answer that were asked for. An access token belongs to a grant of its own,
    /// which no refresh token prolongs.
    pub(super) async fn answer_parts(
        &self,
        run: &mut Run<'_>,
        client: &AuthorizationRequest,
        (granted, standings): (&Granted, &Standings),
    ) -> Result<Vec<(String, String)>, Failure> {
        let (asked, now) = (client.response_type, self.clock.now());
        let mut fields = Vec::new();
        let mut field = |name: &str, value: String| fields.push((name.to_owned(), value));
        let code = asked.has_code().then(|| AuthorizationCode::issue(granted, &self.entropy, now));
        if let Some(code) = &code {
            run.changes.insert(&code.record);
            field("code", code.value.reveal().to_owned());
        }
        if !asked.has_id_token() && !asked.has_token() {
            return Ok(fields);
        }
        let authority = run.interaction.core().authority;
        let callback = Some(client.target.uri());
        let (id, version) = (client.client_id, client.version);
        let application = self.client_for(id, authority, version, callback).await?;
        let wanted = match asked.has_token() {
            true => Some(self.wanted(&application, granted, standings).await?),
            false => None,
        };
        let facts = match &wanted {
            Some(wanted) => wanted.facts.clone(),
            None => self.token_facts(&standings.user, &application, None).await?,
        };
        let issuing = Issuing {
            endpoint: client.version,
            v1_audience: wanted.as_ref().and_then(|wanted| wanted.v1_audience.clone()),
            ..self.issuing(&run.here.origin, standings, &application, &facts)
        };
        let mut access_token = None;
        if let Some(wanted) = wanted {
            let grant = GrantRecord::begin(granted, GrantId::new(self.entropy.guid()), now);
            run.changes.insert(&grant);
            let resource = (wanted.resource, &facts.resource);
            let (token, seconds) =
                issuing.access_token(granted, grant.id(), resource, &wanted.scopes);
            field("access_token", token.clone());
            field("token_type", "Bearer".to_owned());
            field("expires_in", seconds.to_string());
            field("scope", wanted.written);
            access_token = Some(token);
        }
        if asked.has_id_token() {
            let code = code.as_ref().map(|code| &code.value);
            let front = Front { code, access_token: access_token.as_deref() };
            field("id_token", issuing.id_token(granted, &facts.client, Some(front)));
        }
        Ok(fields)
    }
}

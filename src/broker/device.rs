//! A device that waits, and the person who types its code.

use serde_json::Value;

use super::failure::{Failure, retry};
use super::run::Run;
use super::{Body, Broker, Here, Reply, View};
use crate::fault::{Fault, say};
use crate::ids::{CodeValue, Digest};
use crate::interaction::{
    CodeRecord, DEVICE_LIFETIME, DeviceAnswer, DeviceRecord, Entry, Granted, Outcome, Target,
    TokenResponse,
};
use crate::protocol::device::{self, DeviceRequest};
use crate::protocol::params::Params;
use crate::store::ChangeSet;
use crate::store::records::{Guesses, by};

use super::token::{Caller, TokenCall};

impl Broker {
    /// `POST /{t}/oauth2/v2.0/devicecode`.
    pub async fn device_code(
        &self,
        origin: &str,
        segment: &str,
        params: &Params,
    ) -> Result<Value, Fault> {
        retry!(self.try_device_code(origin, segment, params).await)
    }

    async fn try_device_code(
        &self,
        origin: &str,
        segment: &str,
        params: &Params,
    ) -> Result<Value, Failure> {
        let shown: String = segment.chars().take(80).collect();
        let authority = self.resolve_segment(segment).await?;
        let authority = authority.ok_or_else(|| say::authority_not_found(shown))?;
        let request = DeviceRequest::parse(params)?;
        let client = self.client_for(request.client_id, authority, params.version(), None).await;
        client.map_err(without_tenant)?;
        self.resolve_scope(&request.scope).await?;
        let device_code = CodeValue::new(format!("1.{}", self.entropy.token()));
        let user_code = self.entropy.user_code();
        let expires_at = self.clock.now() + DEVICE_LIFETIME;
        let mut changes = ChangeSet::new();
        let record = DeviceRecord {
            key: device_code.digest(),
            user_code: Digest::of(user_code.as_bytes()),
            authority,
            request,
            expires_at,
            answer: DeviceAnswer::Waiting,
            slot: Some(self.slot_for_device(&mut changes).await?),
        };
        changes.insert(&record);
        self.store.commit(changes).await?;
        let page = format!("{origin}/common/oauth2/deviceauth");
        Ok(device::answer(device_code.reveal(), &user_code, &page, DEVICE_LIFETIME.as_secs()))
    }

    /// A code was typed at `/common/oauth2/deviceauth`: a sign-in for the device begins. Wrong codes
    /// are limited by network address, and after too many of them none is compared any more: a code
    /// is short enough to be guessed.
    pub async fn open_device(&self, here: &Here, typed: &str) -> Result<Reply, Fault> {
        retry!(self.try_open_device(here, typed).await)
    }

    async fn try_open_device(&self, here: &Here, typed: &str) -> Result<Reply, Failure> {
        let guessed = self.guessed(Guesses::codes_from_network(&here.peer)).await?;
        if guessed.is_locked() {
            return Err(say::too_many_guesses().into());
        }
        let code = Digest::of(device::normal_user_code(typed).as_bytes());
        let found = self.store.find_one::<DeviceRecord>(by::device_user_code(&code)).await?;
        let waiting = found.filter(|device| {
            device.answer == DeviceAnswer::Waiting && device.expires_at > self.clock.now()
        });
        let Some(device) = waiting else {
            let mut changes = ChangeSet::new();
            guessed.note_wrong(&mut changes);
            self.store.commit(changes).await?;
            return Err(say::user_code_unknown().into());
        };
        let target = Target::Client(Box::new(device.request.sign_in(device.key.clone())));
        let run = self.new_run(here, device.authority, Entry::Direct, target).await?;
        self.drive(run).await
    }

    /// The sign-in is complete: the device may redeem what was granted.
    pub(super) async fn approve_device(
        &self,
        run: &mut Run<'_>,
        (device, granted): (&Digest, &Granted),
        app: String,
    ) -> Result<Body, Failure> {
        let now = self.clock.now();
        let Some(mut device) = self.waiting_device(device).await? else {
            return Ok(self.refusal(run, say::device_code_expired()));
        };
        let record = device.approve(granted, now);
        run.changes.update(&device).insert(&record);
        run.end(Outcome::Granted, None);
        Ok(Body::Show(Box::new(View::DeviceDone { app, declined: false })))
    }

    /// The person said no to the device.
    pub(super) async fn decline_device(
        &self,
        run: &mut Run<'_>,
        device: &Digest,
    ) -> Result<Body, Failure> {
        if let Some(mut device) = self.waiting_device(device).await? {
            device.answer = DeviceAnswer::Declined;
            run.changes.update(&device);
        }
        Ok(Body::Show(Box::new(View::DeviceDone { app: String::new(), declined: true })))
    }

    async fn waiting_device(
        &self,
        key: &Digest,
    ) -> Result<Option<crate::store::Stored<DeviceRecord>>, Failure> {
        let found = self.store.get::<DeviceRecord>(by::device(key)).await?;
        Ok(found.filter(|device| {
            device.answer == DeviceAnswer::Waiting && device.expires_at > self.clock.now()
        }))
    }

    /// The device polls.
    pub(super) async fn redeem_device(
        &self,
        call: &TokenCall<'_>,
        caller: &Caller,
        device_code: &CodeValue,
    ) -> Result<TokenResponse, Failure> {
        let key = device_code.digest();
        let device = self.store.get::<DeviceRecord>(by::device(&key)).await?;
        let device = device.ok_or_else(say::device_code_unknown)?;
        if device.client() != caller.application.client_id {
            return Err(say::grant_invalid().into());
        }
        if device.authority != caller.authority {
            return Err(say::grant_of_another_tenant().into());
        }
        match device.answer {
            DeviceAnswer::Declined => Err(say::device_declined().into()),
            DeviceAnswer::Waiting if device.expires_at <= self.clock.now() => {
                Err(say::device_code_expired().into())
            }
            DeviceAnswer::Waiting => Err(say::authorization_pending().into()),
            DeviceAnswer::Approved => {
                let code = self.store.get::<CodeRecord>(by::code(&key)).await?;
                let code = code.ok_or_else(say::device_code_expired)?;
                self.exchange_code(call, caller, code, None).await
            }
        }
    }
}

/// No account is known yet, and the endpoint says as little as the application about where one would
/// be (AADSTS50059).
fn without_tenant(failure: Failure) -> Failure {
    match failure {
        Failure::Fault(fault) if fault.number() == Some(50194) => {
            Failure::Fault(say::no_tenant_information())
        }
        other => other,
    }
}

//! Our metadata, in the shape of Entra's `federationmetadata.xml`.

use super::{ADDRESSING, FEDERATION, INSTANCE, METADATA};
use crate::federation::saml::{POST_BINDING, PROTOCOL, REDIRECT_BINDING};
use crate::federation::verified::{EMAIL_CLAIM, PERSISTENT};
use crate::federation::xml::{Markup, XmlFault};
use crate::federation::xmldsig;
use crate::jose::SigningKey;

/// An entity of ours.
#[derive(Debug, Clone, Default)]
pub struct Entity {
    /// `ID` of the document, for its signature.
    pub id: String,
    /// Its name.
    pub entity_id: String,
    /// What it is as an identity provider.
    pub provider: Option<Provider>,
    /// What it is as a service provider.
    pub consumer: Option<Consumer>,
}

/// An identity provider of ours.
#[derive(Debug, Clone, Default)]
pub struct Provider {
    /// The certificates it signs with, in base64; the next one too, before it is used.
    pub certificates: Vec<String>,
    /// Where SAML requests go, in either binding.
    pub sign_on: Option<String>,
    /// Where SAML logout requests go.
    pub logout: Option<String>,
    /// Where WS-Federation requests go.
    pub passive: Option<String>,
}

/// A service provider of ours. It signs no requests and has no key.
#[derive(Debug, Clone, Default)]
pub struct Consumer {
    /// Where responses go, in SAML and in WS-Federation.
    pub reply_to: String,
    /// Where SAML logout requests go.
    pub logout: Option<String>,
}

impl Entity {
    /// The document, signed if there is a key.
    ///
    /// # Errors
    /// Only if a value cannot stand in a document that we would read.
    pub fn to_xml(&self, key: Option<&SigningKey>) -> Result<String, XmlFault> {
        let mut entity = Markup::new("EntityDescriptor")
            .attribute("xmlns", METADATA)
            .attribute("ID", &self.id)
            .attribute("entityID", &self.entity_id);
        if let Some(provider) = &self.provider {
            entity = entity.children(provider.passive.as_deref().map(|to| provider.sts(to)));
            entity = entity.children(provider.sign_on.as_deref().map(|to| provider.saml(to)));
        }
        if let Some(consumer) = &self.consumer {
            entity = entity.children([consumer.application(), consumer.saml()]);
        }
        let entity = match key {
            Some(key) => xmldsig::sign(entity, &self.id, 0, key)?,
            None => entity,
        };
        Ok(entity.to_string())
    }
}

impl Provider {
    fn keys(&self) -> impl Iterator<Item = Markup> {
        let key = Markup::new("KeyDescriptor").attribute("use", "signing");
        self.certificates.iter().map(move |text| key.clone().child(xmldsig::key_info(text)))
    }

    fn sts(&self, passive: &str) -> Markup {
        let claim = Markup::new("auth:ClaimType")
            .attribute("xmlns:auth", "http://docs.oasis-open.org/wsfed/authorization/200706")
            .attribute("Uri", EMAIL_CLAIM)
            .child(Markup::with_text("auth:DisplayName", "E-Mail Address"));
        federation_role("fed:SecurityTokenServiceType")
            .children(self.keys())
            .child(Markup::new("fed:ClaimTypesOffered").child(claim))
            .child(endpoint("fed:SecurityTokenServiceEndpoint", passive))
            .child(endpoint("fed:PassiveRequestorEndpoint", passive))
    }

    fn saml(&self, sign_on: &str) -> Markup {
        let service = |name: &'static str, binding: &str, to: &str| {
            Markup::new(name).attribute("Binding", binding).attribute("Location", to)
        };
        Markup::new("IDPSSODescriptor")
            .attribute("xmlns:ds", xmldsig::NAMESPACE)
            .attribute("WantAuthnRequestsSigned", "false")
            .attribute("protocolSupportEnumeration", PROTOCOL)
            .children(self.keys())
            .children(
                self.logout
                    .as_deref()
                    .map(|to| service("SingleLogoutService", REDIRECT_BINDING, to)),
            )
            .child(Markup::with_text("NameIDFormat", PERSISTENT))
            .child(service("SingleSignOnService", REDIRECT_BINDING, sign_on))
            .child(service("SingleSignOnService", POST_BINDING, sign_on))
    }
}

impl Consumer {
    fn application(&self) -> Markup {
        federation_role("fed:ApplicationServiceType")
            .child(endpoint("fed:ApplicationServiceEndpoint", &self.reply_to))
            .child(endpoint("fed:PassiveRequestorEndpoint", &self.reply_to))
    }

    fn saml(&self) -> Markup {
        let service = Markup::new("AssertionConsumerService")
            .attribute("Binding", POST_BINDING)
            .attribute("Location", &self.reply_to)
            .attribute("index", "0")
            .attribute("isDefault", "true");
        let logout = self.logout.as_deref().map(|to| {
            let logout = Markup::new("SingleLogoutService").attribute("Binding", REDIRECT_BINDING);
            logout.attribute("Location", to)
        });
        Markup::new("SPSSODescriptor")
            .attribute("AuthnRequestsSigned", "false")
            .attribute("WantAssertionsSigned", "true")
            .attribute("protocolSupportEnumeration", PROTOCOL)
            .children(logout)
            .child(Markup::with_text("NameIDFormat", PERSISTENT))
            .child(service)
    }
}

fn federation_role(kind: &str) -> Markup {
    Markup::new("RoleDescriptor")
        .attribute("xmlns:xsi", INSTANCE)
        .attribute("xmlns:fed", FEDERATION)
        .attribute("xmlns:ds", xmldsig::NAMESPACE)
        .attribute("xsi:type", kind)
        .attribute("protocolSupportEnumeration", FEDERATION)
}

fn endpoint(name: &'static str, to: &str) -> Markup {
    let address = Markup::with_text("wsa:Address", to);
    let reference = Markup::new("wsa:EndpointReference").attribute("xmlns:wsa", ADDRESSING);
    Markup::new(name).child(reference.child(address))
}

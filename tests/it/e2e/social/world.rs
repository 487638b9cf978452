//! The server with the sign-in journeys, and all whom it talks to: stand-ins of Google and Apple, and the example's shop, which has
//! those of Facebook and TikTok.

use super::provider::Provider;
use crate::e2e::http::{Answer, request};
use crate::e2e::server::{Server, free_port};
use rcgen::KeyPair;
use serde_json::{Value, json};
use std::path::Path;

pub(super) const PROVIDERS: [&str; 4] = ["google", "facebook", "apple", "tiktok"];

/// A shop that nobody visits.
pub(super) const SHOP: &str = "https://shop.example";

/// What the client is called at Google and at Apple.
pub(super) const CLIENT: &str = "shop.example";

const FACEBOOK_SECRET: &str = "app-secret-of-facebook";
const TIKTOK_SECRET: &str = "secret-of-tiktok";
const GOOGLE_SECRET: &str = "secret-of-google";

/// What must not be in any log.
pub(super) const SECRETS: [&str; 3] = [FACEBOOK_SECRET, TIKTOK_SECRET, GOOGLE_SECRET];

pub(super) struct World {
    pub(super) sign_in: Server,
    pub(super) shop: Server,
    pub(super) google: Provider,
    pub(super) apple: Provider,
}

/// A sign-in that has begun.
pub(super) struct Begun {
    pub(super) provider: &'static str,
    /// Where the user is sent.
    pub(super) url: String,
    pub(super) state: String,
}

impl World {
    pub(super) fn start() -> Self {
        let (google, apple) = (Provider::start(), Provider::start());
        let shop = free_port();
        let base = format!("http://{shop}");
        let sign_in = sign_in(&base, &google, &apple, &[]);
        let shop = Server::at(
            Path::new("examples/social-login"),
            shop,
            &borrowed(&shop_settings(&base, &sign_in)),
        );
        Self {
            sign_in,
            shop,
            google,
            apple,
        }
    }

    /// Begins a sign-in of the shop.
    pub(super) fn begin(&self, token: &str, provider: &'static str) -> Begun {
        let back = format!("http://{}", self.shop.address);
        begin(&self.sign_in, token, provider, &back)
    }

    /// The code with which a user comes back who has signed in.
    pub(super) fn code(&self, begun: &Begun) -> String {
        match self.issuer(begun.provider) {
            Some(provider) => {
                let claims = provider.claims(CLIENT, begun.nonce());
                provider.code(begun.challenge(), provider.sign(&claims))
            }
            None => self.link(begun),
        }
    }

    /// The provider, if it issues ID tokens.
    pub(super) fn issuer(&self, provider: &str) -> Option<&Provider> {
        match provider {
            "google" => Some(&self.google),
            "apple" => Some(&self.apple),
            _ => None,
        }
    }

    /// The code behind the link of a stand-in's page.
    fn link(&self, begun: &Begun) -> String {
        let own = format!("http://{}", self.shop.address);
        let target = begun.url.strip_prefix(&own).expect("the stand-in");
        let page = request("GET", target).send(self.shop.address);
        let code = page.body.split("code=").nth(1);
        let code = code.and_then(|rest| rest.split('&').next());
        code.unwrap_or_else(|| panic!("no code in {page:?}"))
            .to_owned()
    }

    pub(super) fn verify(&self, token: &str, begun: &Begun, code: &str) -> Answer {
        verify(&self.sign_in, token, begun, code)
    }
}

impl Begun {
    pub(super) fn nonce(&self) -> &str {
        self.parameter("nonce").expect("a nonce")
    }

    pub(super) fn challenge(&self) -> Option<&str> {
        self.parameter("code_challenge")
    }

    /// A parameter of the URL, which needs no decoding.
    fn parameter(&self, name: &str) -> Option<&str> {
        let mut parts = self.url.split(['?', '&']);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Begins a sign-in whose user comes back below `back`.
pub(super) fn begin(server: &Server, token: &str, provider: &'static str, back: &str) -> Begun {
    let body = json!({ "redirect_uri": format!("{back}/back/{provider}") });
    let answer = call(server, token, &format!("{provider}/start"), &body);
    assert_eq!(answer.status, 200, "{provider}: {answer:?}");
    let answer = answer.json();
    let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
    Begun {
        provider,
        url: text("authorization_url"),
        state: text("state"),
    }
}

pub(super) fn verify(server: &Server, token: &str, begun: &Begun, code: &str) -> Answer {
    let body = json!({ "code": code, "state": begun.state });
    call(server, token, &format!("{}/verify", begun.provider), &body)
}

pub(super) fn call(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
    let path = format!("/v1/auth/social/{path}");
    let answer = request("POST", &path)
        .bearer(token)
        .json(body)
        .send(server.address);
    if answer.status == 200 {
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{answer:?}"
        );
    }
    answer
}

/// Is it this error, and nothing more?
pub(super) fn assert_error(answer: &Answer, status: u16, error: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.json()["error_code"], error, "{what}: {answer:?}");
}

/// The sign-in journeys, set up for all providers; `others` come last, so that they count.
pub(super) fn sign_in(
    shop: &str,
    google: &Provider,
    apple: &Provider,
    others: &[(&str, &str)],
) -> Server {
    let key = KeyPair::generate().expect("a key").serialize_pem();
    let (google, apple) = (google.url(), apple.url());
    let mut settings = owned(&[
        ("CONFIG_GOOGLE_CLIENT_ID", CLIENT),
        ("SECRET_GOOGLE_CLIENT_SECRET", GOOGLE_SECRET),
        ("CONFIG_GOOGLE_ISSUER", &google),
        (
            "CONFIG_GOOGLE_TOKEN_URL",
            &format!("discovery:{google}#token_endpoint"),
        ),
        ("CONFIG_APPLE_CLIENT_ID", CLIENT),
        ("CONFIG_APPLE_TEAM_ID", "TEAM123456"),
        ("CONFIG_APPLE_KEY_ID", "KEY1234567"),
        ("SECRET_APPLE_PRIVATE_KEY", &key),
        ("CONFIG_APPLE_ISSUER", &apple),
        ("CONFIG_APPLE_TOKEN_URL", &format!("{apple}/token")),
        ("CONFIG_APPLE_KEYS_URL", &format!("{apple}/keys")),
        ("CONFIG_FACEBOOK_CLIENT_ID", "77"),
        ("SECRET_FACEBOOK_CLIENT_SECRET", FACEBOOK_SECRET),
        ("CONFIG_FACEBOOK_URL", &format!("{shop}/facebook")),
        ("CONFIG_FACEBOOK_GRAPH_URL", &format!("{shop}/facebook")),
        ("CONFIG_TIKTOK_CLIENT_KEY", "aw77"),
        ("SECRET_TIKTOK_CLIENT_SECRET", TIKTOK_SECRET),
        (
            "CONFIG_TIKTOK_AUTHORIZATION_URL",
            &format!("{shop}/tiktok/v2/auth/authorize"),
        ),
        (
            "CONFIG_TIKTOK_TOKEN_URL",
            &format!("{shop}/tiktok/v2/oauth/token"),
        ),
        (
            "CONFIG_TIKTOK_USER_URL",
            &format!("{shop}/tiktok/v2/user/info"),
        ),
    ]);
    for provider in PROVIDERS {
        let name = format!("CONFIG_{}_REDIRECT_URIS", provider.to_ascii_uppercase());
        settings.extend(owned(&[(&name, &format!("{shop}/back/{provider}"))]));
    }
    settings.extend(owned(others));
    Server::at(Path::new("journeys"), free_port(), &borrowed(&settings))
}

fn shop_settings(base: &str, sign_in: &Server) -> Vec<(String, String)> {
    let (client, secret) = sign_in.client();
    let own = format!("http://{}", sign_in.address);
    owned(&[
        ("CONFIG_SIGN_IN_URL", &own),
        ("CONFIG_SIGN_IN_TOKEN_URL", &format!("{own}/oidc/token")),
        ("CONFIG_SIGN_IN_CLIENT", &client),
        ("SECRET_SIGN_IN_SECRET", &secret),
        ("CONFIG_SHOP_URL", base),
        ("CONFIG_FACEBOOK_ORIGIN", base),
        ("SECRET_FACEBOOK_APP_SECRET", FACEBOOK_SECRET),
        ("SECRET_TIKTOK_SECRET", TIKTOK_SECRET),
    ])
}

/// Settings as variables of an environment.
fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    let variable = |(name, value): &(&str, &str)| (format!("JOURNEY_{name}"), (*value).to_owned());
    settings.iter().map(variable).collect()
}

fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

//! Tokens and their verdicts: a valid token of 2001-09-09, changed as the case says.
//!
//! A file holds one case a line. `header` and `claims` replace members, null removes them; `header_end` and `claims_end`
//! are JSON text put before the closing brace (for members that stand there twice), `header_text` and `claims_text`
//! replace the whole text. `shape` puts the parts together, by default `{h}.{c}.{s}`. `key` signs: `ours`, `other` (unknown, under our
//! name), `rsa` (also in the set). `types` says which policy holds: `own` (the default), `any`, `assertion`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_server::token::{
    Algorithm, Claims, Expected, Jws, KeySet, Refusal, SigningKey, TypePolicy,
};
use libtest_mimic::Failed;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Endings of the files.
pub(crate) const ENDINGS: &[&str] = &[".jsonl"];

const NOW: i64 = 1_000_000_000;
const ISSUER: &str = "https://issuer.example";

/// `ours`, `other`, `rsa`
static KEYS: LazyLock<Option<[SigningKey; 3]>> = LazyLock::new(|| {
    Some([
        SigningKey::generate(Algorithm::ES256)?,
        SigningKey::generate(Algorithm::ES256)?,
        SigningKey::generate(Algorithm::RS256)?,
    ])
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    verdict: String,
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    header_end: String,
    #[serde(default)]
    claims_end: String,
    header_text: Option<String>,
    claims_text: Option<String>,
    shape: Option<String>,
    key: Option<String>,
    types: Option<String>,
}

/// Runs one file.
pub(crate) fn run(path: &Path) -> Result<(), Failed> {
    let mut wrong = String::new();
    for (number, line) in (1..).zip(fs::read_to_string(path)?.lines()) {
        let case: Case = serde_json::from_str(line).map_err(|e| format!("line {number}: {e}"))?;
        let verdict = judge(&case).ok_or("no keys can be made")?;
        let found = verdict.map_or_else(|refusal| format!("{refusal:?}"), |()| "Valid".into());
        if found != case.verdict {
            wrong += &format!(
                "line {number}: {}: expected {}, found {found}\n",
                case.what, case.verdict
            );
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.into())
    }
}

fn judge(case: &Case) -> Option<Result<(), Refusal>> {
    let [ours, other, rsa] = KEYS.as_ref()?;
    let key = match case.key.as_deref() {
        Some("other") => other,
        Some("rsa") => rsa,
        _ => ours,
    };
    let token = forge(case, ours, key)?;
    let set = KeySet::new(vec![ours.public()?, rsa.public()?]);
    Some(verify(case, &token, &set))
}

fn verify(case: &Case, token: &str, set: &KeySet) -> Result<(), Refusal> {
    let types = match case.types.as_deref() {
        Some("any") => TypePolicy::Any,
        Some("assertion") => TypePolicy::Assertion,
        _ => TypePolicy::AccessToken,
    };
    let (issuers, audiences) = ([ISSUER.into()], ["https://api.example".into()]);
    let expected = Expected {
        issuers: &issuers,
        audiences: &audiences,
        lifetime: 86_400,
        leeway: 30,
        types,
    };
    let jws = Jws::parse(token)?;
    let key = set
        .find(jws.kid.as_deref(), jws.algorithm)
        .ok_or(Refusal::UnknownKey)?;
    Claims::check(&jws, jws.verify(key)?, &expected, NOW)?.check_client()
}

fn forge(case: &Case, ours: &SigningKey, key: &SigningKey) -> Option<String> {
    let header = json!({ "alg": "ES256", "kid": ours.kid(), "typ": "at+jwt" });
    let claims = json!({
        "iss": ISSUER, "sub": "client", "client_id": "client", "aud": "https://api.example",
        "iat": NOW, "exp": NOW + 3_600, "jti": "1", "scope": "",
    });
    let kid = key.kid();
    let header = part(
        header,
        &case.header,
        &case.header_end,
        case.header_text.as_deref(),
    )
    .replace("RSA-KID", kid);
    let claims = part(
        claims,
        &case.claims,
        &case.claims_end,
        case.claims_text.as_deref(),
    );
    let (header, claims) = (
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims),
    );
    let signature = URL_SAFE_NO_PAD.encode(key.signature(format!("{header}.{claims}").as_bytes())?);
    let shape = case.shape.as_deref().unwrap_or("{h}.{c}.{s}");
    let token = shape
        .replace("{h}", &header)
        .replace("{c}", &claims)
        .replace("{s}", &signature);
    Some(token.replace("{9000}", &"A".repeat(9_000)))
}

fn part(mut object: Value, changes: &Map<String, Value>, end: &str, whole: Option<&str>) -> String {
    if let Some(members) = object.as_object_mut() {
        members.extend(changes.clone());
        members.retain(|_, value| !value.is_null());
    }
    let text = whole.map_or_else(|| object.to_string(), str::to_owned);
    match text.strip_suffix('}') {
        Some(open) if !end.is_empty() => format!("{open},{end}}}"),
        _ => text,
    }
}

//! Who calls: tokens of the runtime's own issuer and Basic credentials.

use crate::own::{Own, open, own};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::header::AUTHORIZATION;
use journey_machine::manifest::Auth;
use journey_server::auth::Denied;
use journey_server::clock;
use journey_server::limits::KEY_AGE;
use journey_server::token::Algorithm;
use serde_json::Value;

/// Target, headers, let in?
type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>, bool);

#[tokio::test]
async fn tokens_survive_rotation_and_restart() {
    let own = own();
    let old = own.token().await;
    for algorithm in [Algorithm::RS256, Algorithm::EdDSA, Algorithm::ES256] {
        own.auth.rotate(algorithm).unwrap();
        let new = own.token().await;
        own.bearer(&old).await.unwrap();
        own.bearer(&new).await.unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(new.split('.').next().unwrap())
            .unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&header).unwrap()["alg"],
            algorithm.name()
        );
    }
    let Own {
        auth,
        state,
        id,
        secret,
        folder,
    } = own;
    drop(auth);
    let (auth, new) = open(folder.path()).unwrap();
    assert!(new.is_none(), "the client was made on the first start");
    let own = Own {
        auth,
        state,
        id,
        secret,
        folder,
    };
    own.bearer(&old).await.unwrap();
    own.token().await;
}

#[tokio::test]
async fn tokens_survive_the_renewal_of_an_old_key() {
    let own = own();
    let old = own.token().await;
    let count = || own.auth.keys().jwks().matches("\"kid\"").count();
    own.auth.renew(clock::now()).unwrap();
    assert_eq!(count(), 1, "the key is young");
    own.auth.renew(clock::now() + KEY_AGE).unwrap();
    assert_eq!(count(), 2);
    let new = own.token().await;
    assert_ne!(old.split('.').next(), new.split('.').next(), "another kid");
    own.bearer(&old).await.unwrap();
    own.bearer(&new).await.unwrap();
}

#[tokio::test]
async fn who_calls_is_known_or_nobody_calls() {
    let own = own();
    let token = own.token().await;
    let foreign = self::own().token().await;
    let risk = own.post("&resource=https://risk.example").await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = own.id.as_str();
    let bearer = format!("Bearer {token}");
    let lower = format!("bearer {token}");
    let quoted = format!("Bearer \"{token}\"");
    let victim = format!("/a?clientId={id}&clientId=victim");
    let hidden = "/a?%63lientId=victim".to_owned();
    let same = format!("/a?x=1&clientId={id}");
    let table: Vec<Row<'_>> = vec![
        ("/a", vec![("authorization", &bearer)], true),
        ("/a", vec![("authorization", &lower)], true),
        (&same, vec![("authorization", &bearer)], true),
        (&victim, vec![("authorization", &bearer)], false),
        (&hidden, vec![("authorization", &bearer)], false),
        ("/a?clientId=", vec![("authorization", &bearer)], false),
        (
            "/a",
            vec![("authorization", &bearer), ("authorization", &bearer)],
            false,
        ),
        ("/a", vec![("authorization", &quoted)], false),
        ("/a", vec![("authorization", &token)], false),
        ("/a", vec![("authorization", "Bearer")], false),
        ("/a", vec![("authorization", "Bearer ")], false),
        ("/a", vec![("x-authorization", &bearer)], false),
        ("/a", vec![], false),
    ];
    let auth = Auth::ClientToken { issuer: None };
    for (target, headers, good) in table {
        assert_eq!(
            own.call(&auth, target, &headers).await.is_ok(),
            good,
            "{target} {headers:.40?}"
        );
    }
    assert_eq!(
        own.bearer(&foreign).await.unwrap_err(),
        Denied::Invalid("token key unknown")
    );
    assert_eq!(
        own.bearer(&risk).await.unwrap_err(),
        Denied::Invalid("token for another audience")
    );
    assert_eq!(
        own.bearer(&"a".repeat(9_000)).await.unwrap_err(),
        Denied::Invalid("token too large")
    );
}

#[tokio::test]
async fn basic_credentials_are_a_clients_id_and_secret() {
    let own = own();
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for (line, good) in [
        (basic(format!("{}:{}", own.id, own.secret)), true),
        (basic(format!("{}:{}x", own.id, own.secret)), false),
        (basic(format!("{}:", own.id)), false),
        (basic(format!(":{}", own.secret)), false),
        (basic(own.id.clone()), false),
        (basic(format!("other:{}", own.secret)), false),
        ("Basic %%%".into(), false),
        (format!("Bearer {}", own.token().await), false),
    ] {
        let found = own
            .call(&Auth::Basic, "/a", &[(AUTHORIZATION.as_str(), &line)])
            .await;
        assert_eq!(found.is_ok(), good, "{line}");
    }
}

//! Attacks on a sign-in that need a provider which plays along: ID tokens that are not right, and what is brought twice or at once.

use super::forgeries::{Sign, of_claims, of_signatures};
use super::provider::Provider;
use super::world::{Begun, CLIENT, PROVIDERS, SHOP, World, assert_error, call, sign_in};
use crate::e2e::http::Answer;
use serde_json::{Value, json};
use std::thread;

fn changed(mut claims: Value, changes: Value) -> Value {
    let members = claims.as_object_mut().expect("claims");
    let Value::Object(changes) = changes else {
        panic!("no changes: {changes}");
    };
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    claims
}

#[test]
fn an_id_token_that_is_not_right_signs_nobody_in() {
    let world = World::start();
    let token = world.sign_in.token();
    for (name, other) in [("google", world.apple.url()), ("apple", world.google.url())] {
        let provider = world.issuer(name).expect("it issues ID tokens");
        let brings = |changes: Value, sign: Sign| {
            let begun = world.begin(&token, name);
            let claims = provider.claims(CLIENT, begun.nonce());
            let code = provider.code(begun.challenge(), sign(provider, &changed(claims, changes)));
            world.verify(&token, &begun, &code)
        };
        let good = brings(json!({ "azp": CLIENT }), Provider::sign);
        assert_eq!(good.status, 200, "{name}: {good:?}");
        for (what, changes, sign) in of_claims(&other).into_iter().chain(of_signatures()) {
            let answer = brings(changes, sign);
            assert_error(&answer, 400, "invalid_id_token", &format!("{name}: {what}"));
        }
    }
}

#[test]
fn google_has_two_names_and_no_third() {
    let world = World::start();
    let token = world.sign_in.token();
    let url = world.google.url();
    for (iss, status) in [
        (url.as_str(), 200),
        ("accounts.google.com", 200),
        ("http://accounts.google.com", 400),
        ("accounts.google.com/", 400),
        ("Accounts.google.com", 400),
    ] {
        let begun = world.begin(&token, "google");
        let claims = world.google.claims(CLIENT, begun.nonce());
        let id_token = world.google.sign(&changed(claims, json!({ "iss": iss })));
        let answer = world.verify(
            &token,
            &begun,
            &world.google.code(begun.challenge(), id_token),
        );
        assert_eq!(answer.status, status, "{iss}: {answer:?}");
    }
}

/// A token that another provider has issued, brought by this one.
#[test]
fn a_token_of_another_provider_is_no_token_of_this_one() {
    let world = World::start();
    let token = world.sign_in.token();
    for (name, other) in [("google", &world.apple), ("apple", &world.google)] {
        let begun = world.begin(&token, name);
        let id_token = other.sign(&other.claims(CLIENT, begun.nonce()));
        let provider = world.issuer(name).expect("it issues ID tokens");
        let answer = world.verify(&token, &begun, &provider.code(begun.challenge(), id_token));
        assert_error(&answer, 400, "invalid_id_token", name);
    }
}

#[test]
fn a_state_of_one_provider_is_none_of_another_and_no_code_is_sent_to_the_wrong_one() {
    let world = World::start();
    let token = world.sign_in.token();
    let begun = PROVIDERS.map(|provider| (world.begin(&token, provider), provider));
    for (begun, provider) in &begun {
        let code = world.code(begun);
        for other in PROVIDERS.into_iter().filter(|other| other != provider) {
            let wrong = Begun {
                provider: other,
                url: String::new(),
                state: begun.state.clone(),
            };
            let answer = world.verify(&token, &wrong, &code);
            assert_error(
                &answer,
                400,
                "invalid_state",
                &format!("{provider} as {other}"),
            );
        }
        let answer = world.verify(&token, begun, &code);
        assert_eq!(answer.status, 200, "{provider}: {answer:?}");
    }
    let asked = (
        world.google.asked_for_tokens(),
        world.apple.asked_for_tokens(),
    );
    assert_eq!(asked, (1, 1));
}

#[test]
fn a_code_is_good_for_the_sign_in_that_asked_for_it() {
    let world = World::start();
    let token = world.sign_in.token();
    for (provider, error) in [
        ("google", "invalid_code"),
        ("tiktok", "invalid_code"),
        // No challenge, but a nonce.
        ("apple", "invalid_id_token"),
    ] {
        let (mine, theirs) = (world.begin(&token, provider), world.begin(&token, provider));
        let injected = world.verify(&token, &mine, &world.code(&theirs));
        assert_error(&injected, 400, error, provider);
    }
    let begun = world.begin(&token, "google");
    let url = begun.url.replace("&code_challenge=", "&without=");
    let weaker = Begun { url, ..begun };
    let answer = world.verify(&token, &weaker, &world.code(&weaker));
    assert_error(&answer, 400, "invalid_code", "without a challenge");
}

/// Ways to write what is nearly the address that is set up, each of which would be another one somewhere.
fn near(redirect: &str) -> Vec<String> {
    let (origin, path) = redirect.split_once("/back").expect("a path");
    let (scheme, host) = origin.split_once("://").expect("a scheme");
    let end = format!("/back{path}");
    vec![
        format!("{scheme}://{}{end}", host.to_ascii_uppercase()),
        format!("{}://{host}{end}", scheme.to_ascii_uppercase()),
        format!("{origin}{}", end.to_ascii_uppercase()),
        format!("{origin}:443{end}"),
        format!("{origin}:{end}"),
        format!("{scheme}://evil@{host}{end}"),
        format!("{origin}@evil.example{end}"),
        format!("{origin}.evil.example{end}"),
        format!("{origin}./{end}"),
        format!("{origin}/..;{end}"),
        format!("{origin}/./{end}"),
        format!("{redirect}/../evil"),
        format!("{redirect}/"),
        format!("{redirect}/evil"),
        format!("{redirect}evil"),
        format!("{redirect}?next=evil"),
        format!("{redirect}#evil"),
        format!("{redirect}%00"),
        format!("{redirect}%2f.."),
        format!("{redirect}\n"),
        format!("{redirect} "),
        format!(" {redirect}"),
        format!("{redirect} https://evil.example"),
        redirect.replace("back", "%62ack"),
        redirect.replace('/', "\\"),
        origin.to_owned(),
        "https://evil.example".to_owned(),
        "javascript:alert(1)".to_owned(),
    ]
}

#[test]
fn a_redirect_uri_is_one_of_those_set_up_to_the_byte() {
    let server = sign_in(SHOP, &Provider::start(), &Provider::start(), &[]);
    let token = server.token();
    for provider in PROVIDERS {
        for redirect in near(&format!("{SHOP}/back/{provider}")) {
            let body = json!({ "redirect_uri": redirect });
            let answer = call(&server, &token, &format!("{provider}/start"), &body);
            assert_error(&answer, 400, "redirect_uri_not_allowed", &redirect);
        }
    }
}

#[test]
fn what_was_used_comes_back_in_vain() {
    let world = World::start();
    let token = world.sign_in.token();
    for provider in PROVIDERS {
        let begun = world.begin(&token, provider);
        let code = world.code(&begun);
        let verified = world.verify(&token, &begun, &code);
        assert_eq!(verified.status, 200, "{provider}: {verified:?}");
        let again = world.verify(&token, &begun, &code);
        assert_error(&again, 400, "invalid_state", provider);
        let later = world.begin(&token, provider);
        let replayed = world.verify(&token, &later, &code);
        assert_error(&replayed, 400, "invalid_code", provider);
        let path = format!("{provider}/authenticate");
        let body = json!({ "transaction_id": verified.json()["transaction_id"], "user_id": "ada" });
        let issued = call(&world.sign_in, &token, &path, &body);
        assert_eq!(issued.status, 200, "{provider}: {issued:?}");
        let again = call(&world.sign_in, &token, &path, &body);
        assert_error(&again, 400, "invalid_transaction", provider);
    }
}

/// What all of these answer who ask at once.
fn at_once(askers: Vec<impl FnOnce() -> Answer + Send>) -> Vec<Answer> {
    thread::scope(|scope| {
        let running: Vec<_> = askers.into_iter().map(|ask| scope.spawn(ask)).collect();
        let ended = running.into_iter();
        ended.map(|one| one.join().expect("an answer")).collect()
    })
}

/// The one that was first; all others got this error.
fn first(answers: Vec<Answer>, error: &str) -> Value {
    let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
    assert_eq!(good.len(), 1, "{good:?}");
    for answer in bad {
        assert_error(&answer, 400, error, "at once");
    }
    good[0].json()
}

#[test]
fn of_many_at_once_one_is_first() {
    let world = World::start();
    let token = world.sign_in.token();
    for provider in PROVIDERS {
        let begun = world.begin(&token, provider);
        let code = world.code(&begun);
        let verify = || world.verify(&token, &begun, &code);
        let verified = first(at_once(vec![verify; 8]), "invalid_state");
        let body = json!({ "transaction_id": verified["transaction_id"], "user_id": "ada" });
        let path = format!("{provider}/authenticate");
        let finish = || call(&world.sign_in, &token, &path, &body);
        first(at_once(vec![finish; 8]), "invalid_transaction");
    }
}

#[test]
fn a_code_with_many_states_at_once_is_asked_about_once() {
    let world = World::start();
    let token = world.sign_in.token();
    let begun: Vec<_> = (0..8).map(|_| world.begin(&token, "google")).collect();
    let code = world.code(&begun[0]);
    let askers = begun
        .iter()
        .map(|begun| || world.verify(&token, begun, &code));
    let answers = at_once(askers.collect());
    assert_eq!(world.google.asked_for_tokens(), 1);
    // The one that was first may have the state of another sign-in.
    let refused: Vec<_> = answers.iter().filter(|a| a.status != 200).collect();
    assert!(refused.len() >= 7, "{answers:?}");
    for answer in refused {
        assert_error(answer, 400, "invalid_code", "at once");
    }
}

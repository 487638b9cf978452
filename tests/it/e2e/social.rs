//! Sign-in with providers over real sockets: the shipped journeys, and the example's shop and stand-ins as the other side.

mod attacks;
mod failures;
mod forgeries;
mod provider;
mod world;

use super::grants::claims;
use super::http::request;
use serde_json::{Value, json};
use world::{World, call};

/// A user of the shop, signed in.
fn tokens(world: &World, token: &str) -> Value {
    let server = &world.sign_in;
    let begun = world.begin(token, "tiktok");
    let verified = world.verify(token, &begun, &world.code(&begun));
    assert_eq!(verified.status, 200, "{verified:?}");
    let verified = verified.json();
    assert_eq!(verified["claims"]["sub"], "tt-1001");
    let wanted = json!({
        "transaction_id": verified["transaction_id"], "user_id": "ada", "resource": "https://api.example",
        "claims": { "id_token": { "name": null } }, "org_id": "o-1",
    });
    let answer = call(server, token, "tiktok/authenticate", &wanted);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn users_sign_in_at_the_shop() {
    let World { shop, .. } = &World::start();
    for (provider, user) in [("facebook", "facebook-1001"), ("tiktok", "tiktok-tt-1001")] {
        let begun = request("GET", &format!("/sign-in/{provider}")).send(shop.address);
        assert_eq!(begun.status, 302, "{begun:?}");
        let cookie = begun.header("set-cookie").and_then(|c| c.split(';').next());
        let cookie = cookie.expect("a cookie").to_owned();
        let page = begun.header("location").expect("a location").to_owned();
        let own = format!("http://{}", shop.address);
        let page =
            request("GET", page.strip_prefix(&own).expect("the stand-in")).send(shop.address);
        let back = page
            .body
            .split("href=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let back = back.expect("a link").replace("&amp;", "&");
        let back = back.strip_prefix(&own).expect("the shop").to_owned();
        let stranger = request("GET", &back).send(shop.address);
        assert_eq!(stranger.status, 400, "another browser: {stranger:?}");
        let welcome = request("GET", &back)
            .header("cookie", &cookie)
            .send(shop.address);
        assert_eq!(welcome.status, 200, "{welcome:?}");
        assert!(welcome.body.contains(user), "{welcome:?}");
    }
}

#[test]
fn tokens_say_who_where_and_how() {
    let world = World::start();
    let server = &world.sign_in;
    let token = server.token();
    let (client, _) = server.client();
    let tokens = tokens(&world, &token);
    let keys = [
        "access_token",
        "expires_in",
        "id_token",
        "refresh_token",
        "session_id",
        "token_type",
    ];
    let named: Vec<_> = tokens.as_object().expect("an object").keys().collect();
    assert_eq!(named, keys);
    let (access, identity) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    for (claims, audience) in [
        (&access, "https://api.example"),
        (&identity, client.as_str()),
    ] {
        assert_eq!(claims["iss"], format!("http://{}", server.address));
        assert_eq!(
            (&claims["aud"], &claims["sub"]),
            (&json!(audience), &json!("ada"))
        );
        assert_eq!(
            (&claims["amr"], &claims["org_id"]),
            (&json!(["social"]), &json!("o-1"))
        );
        assert_eq!(claims["sid"], tokens["session_id"]);
    }
    assert_eq!(
        (&access["client_id"], &access["name"]),
        (&json!(client), &Value::Null)
    );
    assert_eq!(identity["name"], "ada.codes");
    let access = tokens["access_token"].as_str().expect("a token");
    let knock = call(
        server,
        access,
        "google/start",
        &json!({ "redirect_uri": "https://a" }),
    );
    assert_eq!(
        knock.status, 401,
        "a user's token lets no client in: {knock:?}"
    );
}

#[test]
fn what_was_asked_for_lasts_and_a_session_is_shared() {
    let world = World::start();
    let server = &world.sign_in;
    let token = server.token();
    let first = tokens(&world, &token);
    let (client, secret) = server.client();
    let refresh = first["refresh_token"].as_str().expect("a refresh token");
    let refreshed = request("POST", "/oidc/token")
        .basic(&client, &secret)
        .form(&format!("grant_type=refresh_token&refresh_token={refresh}"))
        .send(server.address)
        .json();
    for name in ["access_token", "id_token"] {
        let (before, after) = (claims(&first[name]), claims(&refreshed[name]));
        for claim in ["sub", "aud", "sid", "amr", "auth_time", "org_id", "name"] {
            assert_eq!(after[claim], before[claim], "{claim} of the {name}");
        }
    }
    let begun = world.begin(&token, "facebook");
    let verified = world.verify(&token, &begun, &world.code(&begun)).json();
    let body = json!({
        "transaction_id": verified["transaction_id"], "user_id": "ada", "session_id": first["session_id"],
    });
    let second = call(server, &token, "facebook/authenticate", &body).json();
    assert_eq!(second["session_id"], first["session_id"]);
    assert_eq!(claims(&second["id_token"])["sid"], first["session_id"]);
}

#[test]
fn the_runtimes_own_errors_have_the_shape_of_the_journeys() {
    let world = World::start();
    let server = &world.sign_in;
    let token = server.token();
    let path = "/v1/auth/social/google/start";
    let post = || request("POST", path).bearer(&token);
    let large = json!({ "redirect_uri": "x".repeat(1_100_000) });
    for (sent, status, code) in [
        (request("GET", path), 405, "method_not_allowed"),
        (request("POST", path).json(&json!({})), 401, "unauthorized"),
        (post().json(&json!({})), 400, "invalid_input"),
        (post().form("a=b"), 415, "unsupported_media_type"),
        (post().json(&large), 413, "content_too_large"),
    ] {
        let answer = sent.send(server.address);
        let body = answer.json();
        assert_eq!((answer.status, &body["error_code"]), (status, &json!(code)));
        assert!(body["message"].is_string(), "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

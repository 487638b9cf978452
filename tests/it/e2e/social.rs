//! Sign-in with providers over real sockets: the shipped journeys, and the example's shop and stand-ins as the other side.

use super::grants::claims;
use super::http::{Answer, request};
use super::server::{Server, free_port};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

const SECRETS: [&str; 3] = [
    "app-secret-of-facebook",
    "secret-of-tiktok",
    "secret-of-google",
];

/// The server with the sign-in journeys, and the one with the shop and the stand-ins.
struct World {
    sign_in: Server,
    shop: Server,
}

fn world() -> World {
    let shop = free_port();
    let sign_in = sign_in(&format!("http://{shop}"), "http://127.0.0.1:9/token");
    let (client, secret) = sign_in.client();
    let own = format!("http://{}", sign_in.address);
    let variables: [(&str, &str); 8] = [
        ("JOURNEY_CONFIG_SIGN_IN_URL", &own),
        (
            "JOURNEY_CONFIG_SIGN_IN_TOKEN_URL",
            &format!("{own}/oidc/token"),
        ),
        ("JOURNEY_CONFIG_SIGN_IN_CLIENT", &client),
        ("JOURNEY_SECRET_SIGN_IN_SECRET", &secret),
        ("JOURNEY_CONFIG_SHOP_URL", &format!("http://{shop}")),
        ("JOURNEY_CONFIG_FACEBOOK_ORIGIN", &format!("http://{shop}")),
        ("JOURNEY_SECRET_FACEBOOK_APP_SECRET", SECRETS[0]),
        ("JOURNEY_SECRET_TIKTOK_SECRET", SECRETS[1]),
    ];
    let shop = Server::at(Path::new("examples/social-login"), shop, &variables);
    World { sign_in, shop }
}

fn sign_in(shop: &str, google: &str) -> Server {
    let variables: [(&str, &str); 16] = [
        ("JOURNEY_CONFIG_FACEBOOK_CLIENT_ID", "77"),
        ("JOURNEY_SECRET_FACEBOOK_CLIENT_SECRET", SECRETS[0]),
        (
            "JOURNEY_CONFIG_FACEBOOK_REDIRECT_URIS",
            &format!("{shop}/back/facebook"),
        ),
        ("JOURNEY_CONFIG_FACEBOOK_URL", &format!("{shop}/facebook")),
        (
            "JOURNEY_CONFIG_FACEBOOK_GRAPH_URL",
            &format!("{shop}/facebook"),
        ),
        ("JOURNEY_CONFIG_TIKTOK_CLIENT_KEY", "aw77"),
        ("JOURNEY_SECRET_TIKTOK_CLIENT_SECRET", SECRETS[1]),
        (
            "JOURNEY_CONFIG_TIKTOK_REDIRECT_URIS",
            &format!("{shop}/back/tiktok"),
        ),
        (
            "JOURNEY_CONFIG_TIKTOK_AUTHORIZATION_URL",
            &format!("{shop}/tiktok/v2/auth/authorize"),
        ),
        (
            "JOURNEY_CONFIG_TIKTOK_TOKEN_URL",
            &format!("{shop}/tiktok/v2/oauth/token"),
        ),
        (
            "JOURNEY_CONFIG_TIKTOK_USER_URL",
            &format!("{shop}/tiktok/v2/user/info"),
        ),
        ("JOURNEY_CONFIG_GOOGLE_CLIENT_ID", "google-client"),
        ("JOURNEY_SECRET_GOOGLE_CLIENT_SECRET", SECRETS[2]),
        (
            "JOURNEY_CONFIG_GOOGLE_REDIRECT_URIS",
            &format!("{shop}/back/google"),
        ),
        (
            "JOURNEY_CONFIG_GOOGLE_AUTHORIZATION_URL",
            "https://google.example/auth",
        ),
        ("JOURNEY_CONFIG_GOOGLE_TOKEN_URL", google),
    ];
    Server::at(Path::new("journeys"), free_port(), &variables)
}

fn call(server: &Server, token: &str, path: &str, body: &Value) -> Answer {
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

/// Begins a sign-in and goes through the stand-in's page: its state, and the code the browser comes back with.
fn code(world: &World, token: &str, provider: &str) -> (String, String) {
    let World { sign_in, shop } = world;
    let back = format!("http://{}/back/{provider}", shop.address);
    let begun = call(
        sign_in,
        token,
        &format!("{provider}/start"),
        &json!({ "redirect_uri": back }),
    );
    assert_eq!(begun.status, 200, "{begun:?}");
    let begun = begun.json();
    let page = begun["authorization_url"].as_str().expect("a URL");
    let target = page
        .strip_prefix(&format!("http://{}", shop.address))
        .expect("the stand-in");
    let page = request("GET", target).send(shop.address);
    let code = page
        .body
        .split("code=")
        .nth(1)
        .and_then(|rest| rest.split('&').next());
    let code = code.unwrap_or_else(|| panic!("no code in {page:?}"));
    (
        begun["state"].as_str().expect("a state").to_owned(),
        code.to_owned(),
    )
}

/// A user of the shop, signed in.
fn tokens(world: &World, token: &str) -> Value {
    let server = &world.sign_in;
    let (state, code) = code(world, token, "tiktok");
    let verified = call(
        server,
        token,
        "tiktok/verify",
        &json!({ "code": code, "state": state }),
    );
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
    let World { shop, .. } = &world();
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
fn of_many_at_once_one_is_first() {
    let world = world();
    let server = &world.sign_in;
    let token = server.token();
    let (state, code) = code(&world, &token, "facebook");
    let race = |path: &str, body: &Value| {
        std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| call(server, &token, path, body)))
                .collect();
            let ended = racers
                .into_iter()
                .map(|racer| racer.join().expect("an answer"));
            ended.collect::<Vec<_>>()
        })
    };
    let one = |answers: Vec<Answer>, error: &str| {
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
        assert_eq!(good.len(), 1, "{good:?}");
        for answer in bad {
            assert_eq!(
                (answer.status, &answer.json()["error_code"]),
                (400, &json!(error))
            );
        }
        good[0].json()
    };
    let verified = race("facebook/verify", &json!({ "code": code, "state": state }));
    let verified = one(verified, "invalid_state");
    let finish = json!({ "transaction_id": verified["transaction_id"], "user_id": "ada" });
    one(
        race("facebook/authenticate", &finish),
        "invalid_transaction",
    );
}

#[test]
fn tokens_say_who_where_and_how() {
    let world = world();
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

/// Answers every connection in one way, and never the same as a provider would.
fn broken(answer: fn(&mut dyn Write)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 4096]);
                answer(&mut stream);
                std::thread::sleep(Duration::from_secs(8));
            });
        }
    });
    address
}

fn html(to: &mut dyn Write) {
    let page = "<html>kept inside</html>";
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
        page.len()
    );
    let _ = to.write_all((head + page).as_bytes());
}

fn large(to: &mut dyn Write) {
    let _ = to.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n",
    );
    let _ = to.write_all(&vec![b' '; 5_000_000]);
}

fn silent(_: &mut dyn Write) {}

#[test]
fn a_provider_that_fails_is_answered_in_time_and_nothing_leaks() {
    let closed = free_port();
    let providers = [
        (closed, 502, "external_provider_error"),
        (broken(html), 502, "external_provider_error"),
        (broken(large), 502, "external_provider_error"),
        (broken(silent), 504, "external_provider_timeout"),
    ];
    for (provider, status, error) in providers {
        let server = sign_in("http://shop.example", &format!("http://{provider}/token"));
        let token = server.token();
        let start =
            json!({ "redirect_uri": "http://shop.example/back/google", "state": "kept-state" });
        assert_eq!(call(&server, &token, "google/start", &start).status, 200);
        let begun = Instant::now();
        let body = json!({ "code": "kept-code", "state": "kept-state" });
        let answer = call(&server, &token, "google/verify", &body);
        assert_eq!(
            (answer.status, &answer.json()["error_code"]),
            (status, &json!(error))
        );
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "after the deadline"
        );
        assert!(
            !answer.body.contains("kept") && !answer.body.contains("127.0.0.1"),
            "{answer:?}"
        );
        let log = server.log();
        assert!(
            log.contains("google_oauth.token"),
            "the log names the connection: {log}"
        );
        for kept in
            SECRETS
                .iter()
                .chain(&["kept-code", "kept-state", "kept inside", token.as_str()])
        {
            assert!(!log.contains(kept), "{kept} is in the log: {log}");
        }
    }
}

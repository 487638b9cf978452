//! Durable state as a journey writes it: stores, tasks and signals, and what a crash leaves of them.

use super::http::{Answer, request};
use super::server::{Server, project};
use serde_json::{Value, json};
use std::thread::sleep;
use std::time::{Duration, Instant};

const JOURNEYS: &str = r#"
journey open {
  endpoint POST "/orders"
  auth none "a test"
  input { body { shop: string, number: int, name: pii string } }
  answers {
    201 { id: string, version: int, run: string }
    409
  }
  insert orders {
    shop: input.shop, id: uuid(), number: input.number, status: "open", note: "new", created: now, name: input.name
  } as order {
    on conflict { complete 409 }
  }
  start tell(shop: order.shop, id: order.id) after 1ms key order.id as id
  start tell(shop: order.shop, id: order.id) key order.id as same
  if id != same { complete 409 }
  complete 201 json { id: order.id, version: order.version, run: id }
}
journey read {
  endpoint GET "/orders/{id}"
  auth none "a test"
  input { path id: string }
  answers {
    200 { version: int, note?: string, name: string, tries: int, late: list<int>, open: int }
    404
  }
  get orders(id: input.id) as order {
    on missing { complete 404 }
  }
  find orders(status: "open", created > now - duration("1h")) max 10 descending as late
  count orders(shop: order.shop) max 100 as open
  complete 200 json {
    version: order.version, note?: order.?note, name: order.name, tries: order.tries, late: late.map(o, o.number), open: open
  }
}
journey change {
  endpoint PUT "/orders/{shop}/{id}"
  auth none "a test"
  input {
    path shop: string
    path id: string
    body { version: int }
  }
  answers {
    200 { version: int }
    404
    409
  }
  update orders(shop: input.shop, id: input.id) { note: null } at input.version as order {
    on missing { complete 404 }
    on conflict { complete 409 }
  }
  complete 200 json { version: order.version }
}
journey drop {
  endpoint DELETE "/orders/{shop}/{id}"
  auth none "a test"
  input {
    path shop: string
    path id: string
  }
  answers {
    204
    404
  }
  delete orders(shop: input.shop, id: input.id) {
    on missing { complete 404 }
  }
  complete 204
}
journey say {
  endpoint POST "/say/{id}"
  auth none "a test"
  input {
    path id: string
    body { text: string }
  }
  answers { 204 }
  signal said(input.id) { text: input.text }
  complete 204
}
journey guess {
  endpoint POST "/guesses"
  auth none "a test"
  input { body { number: dyn, shop: string } }
  answers {
    201
    400 { why: string }
  }
  insert orders {
    shop: input.shop, id: uuid(), number: input.number, status: "open", created: now, name: "Bob"
  } {
    on failure as e { complete 400 json { why: e.code } }
  }
  complete 201
}
store orders {
  record {
    shop: string(..3)
    id: string(..64)
    number: int
    status: "open" | "done"
    note?: string
    created: timestamp
    name: pii string
    tries: int = 1
  }
  key shop, id
  unique number
  unique id
  index status, created
}
signal said { text: string }
task tell(shop: string, id: string) {
  wait said(id) up to 1h as said {
    on timeout { return }
  }
  sleep 1ms
  update orders(shop: shop, id: id) { note: said.text } {
    on missing { return }
  }
}
"#;

/// Time a task may take: generous, for machines under load.
const DONE: Duration = Duration::from_secs(30);

fn open(server: &Server, number: u64) -> Answer {
    let body = json!({ "shop": "a", "number": number, "name": "Ann" });
    request("POST", "/orders").json(&body).send(server.address)
}

fn opened(server: &Server, number: u64) -> String {
    let answer = open(server, number);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().expect("an id").to_owned()
}

fn read(server: &Server, id: &str) -> Value {
    let answer = request("GET", &format!("/orders/{id}")).send(server.address);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn change(server: &Server, id: &str, version: u64) -> Answer {
    let path = format!("/orders/a/{id}");
    let body = json!({ "version": version });
    request("PUT", &path).json(&body).send(server.address)
}

#[test]
fn records_are_kept_found_changed_and_deleted() {
    let folder = project(JOURNEYS);
    let server = Server::start(folder.path());
    let (first, _) = (opened(&server, 1), opened(&server, 2));
    assert_eq!(open(&server, 1).status, 409, "the number is taken");
    let expected = json!({ "version": 1, "note": "new", "name": "Ann", "tries": 1, "late": [2, 1], "open": 2 });
    assert_eq!(read(&server, &first), expected);
    assert_eq!(change(&server, &first, 1).json(), json!({ "version": 2 }));
    assert_eq!(change(&server, &first, 1).status, 409, "it has version 2");
    assert_eq!(change(&server, "none", 1).status, 404);
    let without = json!({ "version": 2, "name": "Ann", "tries": 1, "late": [2, 1], "open": 2 });
    assert_eq!(read(&server, &first), without);
    let path = format!("/orders/a/{first}");
    for status in [204, 404] {
        assert_eq!(request("DELETE", &path).send(server.address).status, status);
    }
    assert_eq!(open(&server, 1).status, 201, "the number is free again");
}

#[test]
fn what_is_stored_is_of_its_type() {
    let folder = project(JOURNEYS);
    let server = Server::start(folder.path());
    let table = [
        (json!({ "shop": "a", "number": 7 }), 201),
        (json!({ "shop": "a", "number": "8" }), 400),
        (json!({ "shop": "a", "number": 1.5 }), 400),
        (json!({ "shop": "a", "number": null }), 400),
        (json!({ "shop": "long", "number": 8 }), 400),
    ];
    for (body, status) in table {
        let answer = request("POST", "/guesses").json(&body).send(server.address);
        assert_eq!(answer.status, status, "{body}: {answer:?}");
    }
}

#[test]
fn a_task_goes_on_after_a_crash() {
    let folder = project(JOURNEYS);
    let mut server = Server::start(folder.path());
    let id = opened(&server, 1);
    server.crash(folder.path());
    let said = json!({ "text": "hello" });
    let say = request("POST", &format!("/say/{id}")).json(&said);
    assert_eq!(say.send(server.address).status, 204);
    server.crash(folder.path());
    let begun = Instant::now();
    while read(&server, &id)["note"] != "hello" {
        assert!(begun.elapsed() < DONE, "{}", read(&server, &id));
        sleep(Duration::from_millis(20));
    }
    assert_eq!(read(&server, &id)["version"], 2, "it was told once");
}

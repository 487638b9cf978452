//! The five expressions with which evaluators are compared, the input they see, and its types.

use serde_json::{Value, json};

/// What an expression is called, and its source.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) source: &'static str,
}

pub(crate) const ALL: [Workload; 5] = [
    Workload {
        name: "i condition",
        source: r#"request.body.amount > 1000 && user.country != "US""#,
    },
    Workload {
        name: "ii policy",
        source: r#"(user.country in ["DE", "FR", "NL", "ES", "IT"] || user.tier == "platinum")
&& request.body.amount <= account.limits.single
&& account.balance - request.body.amount >= 0
&& account.status == "active"
&& user.kyc.level >= 2
&& !(request.body.currency in ["RUB", "KPW", "IRR"])
&& request.path.startsWith("/v1/payments")
&& request.headers["user-agent"].contains("Mozilla")
&& size(user.roles) > 0
&& (request.method == "POST" || request.method == "PUT")
&& user.email.endsWith("@example.com")
&& !("blocked" in user.roles)"#,
    },
    Workload {
        name: "iii match",
        source: r#"request.body.kind == "card" ? 1 : request.body.kind == "sepa" ? 2 : request.body.kind == "instant" ? 3 :
request.body.kind == "swift" ? 4 : request.body.kind == "ach" ? 5 : request.body.kind == "wire" ? 6 :
request.body.kind == "wallet" ? 7 : request.body.kind == "crypto" ? 8 : request.body.kind == "cash" ? 9 :
request.body.kind == "cheque" ? 10 : 0"#,
    },
    Workload {
        name: "iv response",
        source: r#"{
  "status": "accepted",
  "requestId": request.id,
  "userId": user.id,
  "displayName": user.name + " (" + user.tier + ")",
  "amount": request.body.amount,
  "fee": request.body.amount * request.body.fee_bps / 10000,
  "currency": request.body.currency,
  "total": request.body.amount + request.body.amount * request.body.fee_bps / 10000,
  "message": "Transfer of " + string(request.body.amount) + " " + request.body.currency + " for " + user.email,
  "requiresReview": request.body.amount > 1000,
  "limits": {"daily": account.limits.daily, "single": account.limits.single, "remaining": account.limits.daily - request.body.amount},
  "tags": ["api", request.headers["x-channel"], user.country]
}"#,
    },
    Workload {
        name: "v filter, map",
        source: r#"items.filter(i, i.qty > 2 && i.category == "book").map(i, i.price * i.qty)"#,
    },
];

/// The types of the variables, as a project declares them.
pub(crate) const TYPES: &str = "
type Body { amount: int, currency: string, kind: string, note: string, fee_bps: int }
type Request { id: string, method: string, path: string, ip: string, headers: map<string, string>, body: Body }
type Kyc { level: int, status: string }
type User { id: string, name: string, email: string, country: string, tier: string, age: int, roles: list<string>, kyc: Kyc }
type Limits { daily: int, single: int }
type Account { balance: int, status: string, opened: string, limits: Limits }
type Item { id: int, sku: string, price: int, qty: int, category: string }
type Items = list<Item>
";

/// Each variable and its type, in the order of their names.
pub(crate) const VARIABLES: [(&str, &str); 4] = [
    ("account", "Account"),
    ("items", "Items"),
    ("request", "Request"),
    ("user", "User"),
];

impl Workload {
    /// The values of the variables that it may use.
    pub(crate) fn input(&self) -> Value {
        let mut input = request();
        if self.source.starts_with("items") {
            let items = (0..100).map(item).collect();
            input
                .as_object_mut()
                .and_then(|input| input.insert("items".to_owned(), items));
        }
        input
    }
}

fn request() -> Value {
    json!({
        "request": {
            "id": "req-7f3a91c2", "method": "POST", "path": "/v1/payments/transfer", "ip": "203.0.113.77",
            "headers": {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)", "x-channel": "mobile", "content-type": "application/json"},
            "body": {"amount": 1500, "currency": "EUR", "kind": "wallet", "note": "invoice 2024-118", "fee_bps": 25}
        },
        "user": {
            "id": "u-1029", "name": "Ada Lovelace", "email": "ada@example.com", "country": "DE", "tier": "gold", "age": 36,
            "roles": ["customer", "beta"], "kyc": {"level": 2, "status": "verified"}
        },
        "account": {
            "balance": 250_000, "status": "active", "opened": "2019-04-01",
            "limits": {"daily": 500_000, "single": 20_000}
        }
    })
}

fn item(n: usize) -> Value {
    let category = match n % 5 {
        0 | 3 => "book",
        1 => "toy",
        2 => "food",
        _ => "tool",
    };
    json!({"id": n, "sku": format!("sku-{n:04}"), "price": 100 + (n * 37) % 900, "qty": n % 7, "category": category})
}

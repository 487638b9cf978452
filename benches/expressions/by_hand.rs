//! The same by hand, as one writes it in Rust over a JSON tree.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON tree gives null for a name it lacks"
)]

use serde_json::{Value, json};

/// Each workload, in order.
pub(crate) const ALL: [fn(&Value) -> Option<Value>; 5] =
    [condition, policy, selection, response, filter];

fn condition(input: &Value) -> Option<Value> {
    let amount = input["request"]["body"]["amount"].as_i64()?;
    Some((amount > 1000 && input["user"]["country"] != "US").into())
}

fn policy(input: &Value) -> Option<Value> {
    let (request, user, account) = (&input["request"], &input["user"], &input["account"]);
    let body = &request["body"];
    let country = user["country"].as_str()?;
    let allowed = (["DE", "FR", "NL", "ES", "IT"].contains(&country) || user["tier"] == "platinum")
        && body["amount"].as_i64()? <= account["limits"]["single"].as_i64()?
        && account["balance"]
            .as_i64()?
            .checked_sub(body["amount"].as_i64()?)?
            >= 0
        && account["status"] == "active"
        && user["kyc"]["level"].as_i64()? >= 2
        && !["RUB", "KPW", "IRR"].contains(&body["currency"].as_str()?)
        && request["path"].as_str()?.starts_with("/v1/payments")
        && request["headers"]["user-agent"]
            .as_str()?
            .contains("Mozilla")
        && !user["roles"].as_array()?.is_empty()
        && (request["method"] == "POST" || request["method"] == "PUT")
        && user["email"].as_str()?.ends_with("@example.com")
        && !user["roles"]
            .as_array()?
            .iter()
            .any(|role| role == "blocked");
    Some(allowed.into())
}

fn selection(input: &Value) -> Option<Value> {
    let number = match input["request"]["body"]["kind"].as_str()? {
        "card" => 1,
        "sepa" => 2,
        "instant" => 3,
        "swift" => 4,
        "ach" => 5,
        "wire" => 6,
        "wallet" => 7,
        "crypto" => 8,
        "cash" => 9,
        "cheque" => 10,
        _ => 0,
    };
    Some(number.into())
}

fn response(input: &Value) -> Option<Value> {
    let (request, user, limits) = (
        &input["request"],
        &input["user"],
        &input["account"]["limits"],
    );
    let body = &request["body"];
    let amount = body["amount"].as_i64()?;
    let fee = amount.checked_mul(body["fee_bps"].as_i64()?)? / 10_000;
    let currency = body["currency"].as_str()?;
    let (name, tier) = (user["name"].as_str()?, user["tier"].as_str()?);
    let email = user["email"].as_str()?;
    Some(json!({
        "status": "accepted",
        "requestId": request["id"].clone(),
        "userId": user["id"].clone(),
        "displayName": format!("{name} ({tier})"),
        "amount": amount,
        "fee": fee,
        "currency": currency,
        "total": amount.checked_add(fee)?,
        "message": format!("Transfer of {amount} {currency} for {email}"),
        "requiresReview": amount > 1000,
        "limits": {
            "daily": limits["daily"].clone(),
            "single": limits["single"].clone(),
            "remaining": limits["daily"].as_i64()?.checked_sub(amount)?
        },
        "tags": ["api", request["headers"]["x-channel"].clone(), user["country"].clone()]
    }))
}

fn filter(input: &Value) -> Option<Value> {
    let mut totals = Vec::new();
    for item in input["items"].as_array()? {
        let quantity = item["qty"].as_i64()?;
        if quantity > 2 && item["category"] == "book" {
            totals.push(item["price"].as_i64()?.checked_mul(quantity)?.into());
        }
    }
    Some(Value::Array(totals))
}

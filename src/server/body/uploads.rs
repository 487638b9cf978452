//! Uploads that came as base64 in JSON: their bytes stand in the input until they have a place of their own.

use crate::state::{Blobs, Hold, Refused};
use journey_machine::http::Intake;
use journey_machine::schema::Decoder;
use journey_machine::value::Value;
use std::sync::Arc;

/// The input with its uploads stored; they stay as long as the holds live.
///
/// # Errors
/// There is no space for them.
pub(crate) async fn store(
    intake: &Intake,
    decoder: &Decoder,
    blobs: &Arc<Blobs>,
    input: Value,
) -> Result<(Value, Vec<Hold>), Refused> {
    let mut found = Vec::new();
    if intake.upload_bytes(decoder) > 0 {
        intake.replace_uploads(decoder, &input, &mut |bytes| {
            found.push(bytes.to_vec());
            None
        });
    }
    if found.is_empty() {
        return Ok((input, Vec::new()));
    }
    let (mut stored, mut held) = (Vec::new(), Vec::new());
    for bytes in found {
        let received = blobs.store(&bytes).await?;
        stored.push(received.blob.to_value());
        held.push(received.hold);
    }
    let mut stored = stored.into_iter();
    let input = intake.replace_uploads(decoder, &input, &mut |_| stored.next());
    Ok((input, held))
}

//! Links to API Mate, a web page for making signed calls by hand.

use rpc::{AdminResult, ErrorCode, Sensitive};
use serde_json::json;

use super::context::Lookup;
use super::operator::Operator;
use crate::model::{SecretKey, Subject};

/// A link for a tenant's secret or for a node.
pub(super) async fn link(operator: &Operator, name: &str) -> AdminResult<Sensitive> {
    let context = &operator.context;
    let catalog = context.catalog();
    let (server, key, subject) = match catalog.owner(name) {
        Ok((_, secret)) => {
            let server = format!("https://{}/bigbluebutton/", context.hostname(&secret.label));
            (server, secret.key.clone(), Subject::Secret(secret.label.clone()))
        }
        Err(_) => match catalog.node(name) {
            Ok(node) => {
                let server = context.core.nodes.server_url(node);
                (server, node.secret.clone(), Subject::Node(node.fqdn()))
            }
            Err(error) if error.code == ErrorCode::NotFound => {
                return Err(rpc::AdminError::not_found("tenant, secret or node", name));
            }
            Err(error) => return Err(error),
        },
    };
    operator.record("api-mate", subject, json!({})).await?;
    Ok(Sensitive::from(address(&context.settings.api_mate, &server, &key)))
}

/// API Mate reads its settings from the fragment, which browsers do not send to servers.
fn address(base: &str, server: &str, key: &SecretKey) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let fragment = format!("server={}&sharedSecret={}", encode(server), encode(key.reveal()));
    format!("{}#{fragment}", base.trim_end_matches('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_and_key_stand_behind_the_hash() {
        let link = address("https://mate.example.org/", "https://a.b/bigbluebutton/", &SecretKey::new("k&y"));
        assert_eq!(
            link,
            "https://mate.example.org/#server=https%3A%2F%2Fa.b%2Fbigbluebutton%2F&sharedSecret=k%26y"
        );
    }
}

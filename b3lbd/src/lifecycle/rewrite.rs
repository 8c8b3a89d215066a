//! Rewrites the client's parameters for the node. Pure.

use super::create::ANALYTICS;
use crate::bbb::{MARKER_PARAMETER, Params, is_element_name, user_data_name};
use crate::model::{AssetKind, Nonce, Tenant, apply_rules};

/// Recordings are not offered, so meetings are never recorded.
const RECORDING: [&str; 3] = ["record", "autoStartRecording", "allowStartStopRecording"];

/// Phone numbers are managed by the node.
const DROPPED: [&str; 2] = ["dialNumber", "voiceBridge"];

/// Our own URLs, below the public URL (without a trailing slash).
#[derive(Clone, Debug)]
pub struct Links {
    public_url: String,
}

impl Links {
    /// Links below `public_url`.
    pub fn below(public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The URL that a node calls when the instance with this nonce has ended.
    pub fn meeting_ended(&self, nonce: Nonce) -> String {
        format!("{}/b3lb/b/meeting/end?nonce={}", self.public_url, nonce.to_hex())
    }

    /// The URL that a node posts the learning analytics of the instance with this nonce to.
    pub fn analytics(&self, nonce: Nonce) -> String {
        format!("{}/b3lb/b/meeting/analytics?nonce={}", self.public_url, nonce.to_hex())
    }

    /// The URL of a tenant's asset.
    pub fn asset(&self, tenant: &Tenant, kind: AssetKind) -> String {
        let slug = tenant.slug.as_str().to_ascii_lowercase();
        format!("{}/b3lb/t/{slug}/{}", self.public_url, kind.as_str())
    }
}

/// The parameters of a `create` for a node. `id` is the meeting id without surrounding whitespace.
pub(super) fn rewrite_create(
    params: &Params,
    tenant: &Tenant,
    id: &str,
    links: &Links,
    nonce: Nonce,
) -> Params {
    let mut params = params.clone();
    apply_rules(&tenant.create_rules, &mut params);
    params.set("meetingID", id);
    if let Some(parent) = params.get("parentMeetingID").map(|it| it.trim().to_owned()) {
        params.set("parentMeetingID", &parent);
    }
    for name in DROPPED {
        params.remove(name);
    }
    params.retain(|name| !name.eq_ignore_ascii_case(MARKER_PARAMETER));
    if tenant.assets.contains_key(&AssetKind::Logo) {
        params.set_default("logo", &links.asset(tenant, AssetKind::Logo));
    }
    for name in RECORDING {
        params.set(name, "false");
    }
    params.set("meetingEndedURL", &links.meeting_ended(nonce));
    if params.get_ignoring_case(ANALYTICS).is_some_and(|url| !url.trim().is_empty()) {
        params.replace_ignoring_case(ANALYTICS, &links.analytics(nonce));
    }
    params
}

/// The parameters of a `join` for a node, and the number of dropped ones. BBB uses the rest of a name after
/// `userdata-` as an element name in its lists, so a name that XML does not allow would make the whole list
/// unreadable.
pub fn rewrite_join(mut params: Params, tenant: &Tenant, id: &str, links: &Links) -> (Params, u64) {
    apply_rules(&tenant.join_rules, &mut params);
    params.set("meetingID", id);
    let dropped = params.retain(|name| user_data_name(name).is_none_or(is_element_name));
    if tenant.assets.contains_key(&AssetKind::Css) {
        params.set_default("userdata-bbb_custom_style_url", &links.asset(tenant, AssetKind::Css));
    }
    (params, dropped)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{AssetMeta, GroupId, Rule, RuleMode, SecretKey, TenantId};

    fn tenant() -> Tenant {
        let meta = AssetMeta { file_name: "a".into(), content_type: "b".into(), size: 1, digest: "c".into() };
        Tenant {
            id: TenantId(1),
            slug: "foo".parse().unwrap(),
            description: String::new(),
            group: GroupId(1),
            stats_token: SecretKey::new("t"),
            attendee_limit: 0,
            meeting_limit: 0,
            secrets: BTreeMap::new(),
            create_rules: vec![Rule { name: "welcome".into(), mode: RuleMode::Set("hi".into()) }],
            join_rules: vec![Rule { name: "guest".into(), mode: RuleMode::Override("true".into()) }],
            assets: [(AssetKind::Logo, meta.clone()), (AssetKind::Css, meta)].into(),
        }
    }

    #[test]
    fn create_is_rewritten() {
        let client = "name=n&voiceBridge=7&meta_B3LB-marker=forged&record=true&meetingEndedURL=x&meetingID=+m&meta_endCallbackUrl=u";
        let client = Params::parse(client.as_bytes()).unwrap();
        let (links, nonce) = (Links::below("https://b.example/"), Nonce::from_bytes(&[7; 32]).unwrap());
        let sent = rewrite_create(&client, &tenant(), "m", &links, nonce);
        let expected = [
            ("name", "n"),
            ("record", "false"),
            ("meetingEndedURL", &format!("https://b.example/b3lb/b/meeting/end?nonce={}", "07".repeat(32))),
            ("meetingID", "m"),
            ("meta_endCallbackUrl", "u"),
            ("welcome", "hi"),
            ("logo", "https://b.example/b3lb/t/foo/logo"),
            ("autoStartRecording", "false"),
            ("allowStartStopRecording", "false"),
        ];
        assert_eq!(sent.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn finding_8_user_data_that_is_no_xml_name_is_dropped() {
        let client = "fullName=F&userdata-show+chat=1&userdata-=2&userdata-2fa=3&USERDATA-a%2F=4&userdata-a:b=5&userdata-ok_1=6";
        let (sent, dropped) = rewrite_join(
            Params::parse(client.as_bytes()).unwrap(),
            &tenant(),
            "m",
            &Links::below("https://b.example"),
        );
        let kept = sent.iter().filter(|(name, _)| name.starts_with("userdata-")).map(|(name, _)| name);
        assert_eq!(kept.collect::<Vec<_>>(), ["userdata-ok_1", "userdata-bbb_custom_style_url"]);
        assert_eq!(dropped, 5);
    }

    #[test]
    fn join_is_rewritten() {
        let links = Links::below("https://b.example");
        let client = Params::parse(b"guest=false&fullName=F").unwrap();
        let (sent, dropped) = rewrite_join(client, &tenant(), "m", &links);
        assert_eq!(dropped, 0);
        let expected = [
            ("guest", "true"),
            ("fullName", "F"),
            ("meetingID", "m"),
            ("userdata-bbb_custom_style_url", "https://b.example/b3lb/t/foo/css"),
        ];
        assert_eq!(sent.iter().collect::<Vec<_>>(), expected);
        let own = Params::parse(b"userdata-bbb_custom_style_url=mine").unwrap();
        assert_eq!(
            rewrite_join(own, &tenant(), "m", &links).0.get("userdata-bbb_custom_style_url"),
            Some("mine")
        );
    }
}

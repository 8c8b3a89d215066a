//! Keeps a configuration within one message, so that the daemon can apply it atomically. Only the content of
//! assets can make it too large.

use rpc::{AssetConfig, Configuration, LeftOut};

/// Removes assets, last ones first, until the content of the rest is at most `room` bytes.
pub(crate) fn leave_too_large(configuration: &mut Configuration, room: usize) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    let mut used = 0;
    for tenant in &mut configuration.tenants {
        let slug = &tenant.slug;
        tenant.assets.retain(|asset| {
            let fits = used + size(asset) <= room;
            if fits {
                used += size(asset);
            } else {
                left_out.push(LeftOut {
                    kind: "asset".to_owned(),
                    name: format!("{slug} {}", asset.kind.as_str()),
                    reason: format!("too large for one message; set it with b3lb-cli asset set {slug}"),
                });
            }
            fits
        });
    }
    left_out
}

fn size(asset: &AssetConfig) -> usize {
    asset.base64.as_ref().map_or(0, |content| content.reveal().len())
}

#[cfg(test)]
mod tests {
    use rpc::{AssetKind, TenantConfig};

    use super::*;

    fn asset(kind: AssetKind, size: usize) -> AssetConfig {
        let base64 = Some("x".repeat(size).into());
        AssetConfig { kind, file_name: String::new(), sha256: String::new(), base64 }
    }

    fn tenant(slug: &str, assets: Vec<AssetConfig>) -> TenantConfig {
        TenantConfig {
            slug: slug.to_owned(),
            group: String::new(),
            description: String::new(),
            attendee_limit: 0,
            meeting_limit: 0,
            stats_token: None,
            secrets: Vec::new(),
            parameters: Vec::new(),
            assets,
        }
    }

    #[test]
    fn what_does_not_fit_is_told_by_tenant_and_kind() {
        let one = tenant("ONE", vec![asset(AssetKind::Slide, 60), asset(AssetKind::Logo, 50)]);
        let two = tenant("TWO", vec![asset(AssetKind::Css, 40)]);
        let mut configuration = Configuration { tenants: vec![one, two], ..Configuration::default() };
        let left_out = leave_too_large(&mut configuration, 100);
        let names: Vec<_> = left_out.iter().map(|it| format!("{} {}", it.kind, it.name)).collect();
        assert_eq!(names, ["asset ONE logo"]);
        let kept: Vec<_> = configuration.tenants.iter().flat_map(|it| &it.assets).map(|it| it.kind).collect();
        assert_eq!(kept, [AssetKind::Slide, AssetKind::Css]);
        assert!(leave_too_large(&mut configuration, 100).is_empty());
    }
}

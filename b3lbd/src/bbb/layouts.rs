//! The layouts that each version of BBB supports. A node may refuse a create or join with an unknown layout.
//!
//! Source: `meetingLayout` in BBB's API reference, version 3.0, and "bbb-web properties changes" in "What's new" of 4.0.

/// Parameters that take a layout.
const NAMES: [&str; 3] = ["meetingLayout", "enforceLayout", "defaultLayout"];
/// The only layout that is new in BBB 4.0.
const UNIFIED: &str = "UNIFIED_LAYOUT";
/// Layouts of all versions.
pub(super) const ALL: [&str; 10] = [
    "CUSTOM_LAYOUT",
    "SMART_LAYOUT",
    "PRESENTATION_FOCUS",
    "VIDEO_FOCUS",
    "CAMERAS_ONLY",
    "PRESENTATION_ONLY",
    "PARTICIPANTS_AND_CHAT_ONLY",
    "PARTICIPANTS_CHAT_ONLY",
    "MEDIA_ONLY",
    UNIFIED,
];
/// Layouts since BBB 4.0.
const SINCE_4: [&str; 4] = [UNIFIED, "CAMERAS_ONLY", "PARTICIPANTS_CHAT_ONLY", "PRESENTATION_ONLY"];

/// Whether this version of BBB, such as `3.0.4`, does not support the layout in a parameter.
pub fn is_foreign_layout(name: &str, value: &str, version: &str) -> bool {
    let major: u32 = version.split('.').next().and_then(|it| it.trim().parse().ok()).unwrap_or(0);
    let is_known = match major {
        0 => true,
        1..4 => value != UNIFIED && ALL.contains(&value),
        _ => SINCE_4.contains(&value),
    };
    NAMES.contains(&name) && !is_known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_27_layouts_belong_to_versions() {
        let is_foreign = |value, version| is_foreign_layout("meetingLayout", value, version);
        assert!(is_foreign("SMART_LAYOUT", "4.0.1") && !is_foreign("SMART_LAYOUT", "3.0.4"));
        assert!(is_foreign("UNIFIED_LAYOUT", "2.7.15") && !is_foreign("UNIFIED_LAYOUT", "4.1"));
        assert!(!is_foreign("CAMERAS_ONLY", "3.0") && !is_foreign("CAMERAS_ONLY", "4.0"));
        assert!(!is_foreign("UNIFIED_LAYOUT", "unknown") && !is_foreign_layout("welcome", "x", "4.0"));
    }
}

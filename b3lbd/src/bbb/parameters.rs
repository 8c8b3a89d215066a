//! The parameters of `create` and `join` that rules may apply to, and the types of their values.
//!
//! Source: the tables of both calls in BBB's API reference, version 3.0.

use url::Url;

use super::layouts;

/// The type of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Digits only.
    Number,
    /// `#RRGGBB`.
    Color,
    /// `http` or `https`.
    Url,
    /// One of these words.
    Enumeration(&'static [&'static str]),
    /// Anything.
    Text,
}

/// What is known about a parameter name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Whether `create` takes it.
    pub on_create: bool,
    /// Whether `join` takes it.
    pub on_join: bool,
    /// The type of its values.
    pub kind: Kind,
}

const ON_CREATE: &[(Kind, &[&str])] = &[
    (
        Kind::Boolean,
        &[
            "allowModsToEjectCameras",
            "allowModsToUnmuteUsers",
            "allowOverrideClientSettingsOnCreateCall",
            "allowPromoteGuestToModerator",
            "allowRequestsWithoutSession",
            "breakoutRoomsEnabled",
            "breakoutRoomsPrivateChatEnabled",
            "breakoutRoomsRecord",
            "endWhenNoModerator",
            "freeJoin",
            "learningDashboardEnabled",
            "lockSettingsDisableCam",
            "lockSettingsDisableMic",
            "lockSettingsDisableNote",
            "lockSettingsDisableNotes",
            "lockSettingsDisablePrivateChat",
            "lockSettingsDisablePublicChat",
            "lockSettingsHideUserList",
            "lockSettingsHideViewersAnnotation",
            "lockSettingsHideViewersCursor",
            "lockSettingsLockOnJoin",
            "lockSettingsLockOnJoinConfigurable",
            "meetingKeepEvents",
            "muteOnStart",
            "notifyRecordingIsOn",
            "preUploadedPresentationOverrideDefault",
            "recordFullDurationMedia",
            "virtualBackgroundsDisabled",
            "webcamsOnlyForModerator",
        ],
    ),
    (
        Kind::Number,
        &[
            "duration",
            "endWhenNoModeratorDelayInMinutes",
            "learningDashboardCleanupDelayInMinutes",
            "maxNumPages",
            "maxParticipants",
            "meetingCameraCap",
            "meetingExpireIfNoUserJoinedInMinutes",
            "meetingExpireWhenLastUserLeftInMinutes",
            "userCameraCap",
        ],
    ),
    (Kind::Color, &["bannerColor"]),
    (
        Kind::Url,
        &[
            "darklogo",
            "loginURL",
            "logo",
            "logoutURL",
            "meta_endCallbackUrl",
            "preUploadedPresentation",
            "presentationUploadExternalUrl",
        ],
    ),
    (
        Kind::Enumeration(&["ALWAYS_ACCEPT", "ALWAYS_DENY", "ASK_MODERATOR", "ALWAYS_ACCEPT_AUTH"]),
        &["guestPolicy"],
    ),
    (Kind::Enumeration(&layouts::ALL), &["meetingLayout"]),
    (
        Kind::Text,
        &[
            "bannerText",
            "copyright",
            "disabledFeatures",
            "disabledFeaturesExclude",
            "groups",
            "moderatorOnlyMessage",
            "name",
            "preUploadedPresentationName",
            "presentationUploadExternalDescription",
            "welcome",
        ],
    ),
];

const ON_JOIN: &[(Kind, &[&str])] = &[
    (Kind::Boolean, &["bot", "excludeFromDashboard", "guest", "joinViaHtml5", "redirect"]),
    (Kind::Enumeration(&["MODERATOR", "VIEWER"]), &["role"]),
    (Kind::Enumeration(&layouts::ALL), &["enforceLayout"]),
    (Kind::Url, &["avatarURL", "errorRedirectUrl", "logoutURL", "webcamBackgroundURL"]),
    (Kind::Url, &["userdata-bbb_custom_style_url"]),
    (
        Kind::Boolean,
        &[
            "userdata-bbb_ask_for_feedback_on_logout",
            "userdata-bbb_auto_join_audio",
            "userdata-bbb_auto_share_webcam",
            "userdata-bbb_auto_swap_layout",
            "userdata-bbb_display_branding_area",
            "userdata-bbb_enable_video",
            "userdata-bbb_force_listen_only",
            "userdata-bbb_hide_nav_bar",
            "userdata-bbb_hide_presentation",
            "userdata-bbb_hide_presentation_on_join",
            "userdata-bbb_listen_only_mode",
            "userdata-bbb_mirror_own_webcam",
            "userdata-bbb_outside_toggle_recording",
            "userdata-bbb_outside_toggle_self_voice",
            "userdata-bbb_record_video",
            "userdata-bbb_show_participants_on_login",
            "userdata-bbb_show_public_chat_on_login",
            "userdata-bbb_skip_check_audio",
            "userdata-bbb_skip_video_preview",
        ],
    ),
    (Kind::Text, &["defaultLayout", "firstName", "lastName", "userID", "webVoiceConf"]),
];

/// Looks up a name. Names that BBB does not document are text in both calls.
pub fn parameter(name: &str) -> Parameter {
    let kind_in = |table: &[(Kind, &[&str])]| {
        table.iter().find(|(_, names)| names.contains(&name)).map(|(kind, _)| *kind)
    };
    match (kind_in(ON_CREATE), kind_in(ON_JOIN)) {
        (None, None) => Parameter { on_create: true, on_join: true, kind: Kind::Text },
        (create, join) => Parameter {
            on_create: create.is_some(),
            on_join: join.is_some(),
            kind: create.or(join).unwrap_or(Kind::Text),
        },
    }
}

impl Kind {
    /// Checks a value; the error is the rule that it breaks.
    pub fn check(self, value: &str) -> Result<(), String> {
        let good = match self {
            Self::Boolean => matches!(value, "true" | "false"),
            Self::Number => {
                !value.is_empty() && value.len() <= 9 && value.bytes().all(|b| b.is_ascii_digit())
            }
            Self::Color => {
                value.len() == 7
                    && value.starts_with('#')
                    && value[1..].bytes().all(|b| b.is_ascii_hexdigit())
            }
            Self::Url => Url::parse(value).is_ok_and(|it| matches!(it.scheme(), "http" | "https")),
            Self::Enumeration(words) => words.contains(&value),
            Self::Text => true,
        };
        if good { Ok(()) } else { Err(self.rule()) }
    }

    fn rule(self) -> String {
        match self {
            Self::Boolean => "must be true or false".to_owned(),
            Self::Number => "must be a number, digits only".to_owned(),
            Self::Color => "must be a colour such as #FF8800".to_owned(),
            Self::Url => "must be a URL that begins with https:// or http://".to_owned(),
            Self::Enumeration(words) => format!("must be one of {}", words.join(", ")),
            Self::Text => "must be text".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_with_their_calls_and_kinds() {
        let known = |name| {
            let it = parameter(name);
            (it.on_create, it.on_join, it.kind)
        };
        assert_eq!(known("muteOnStart"), (true, false, Kind::Boolean));
        assert_eq!(known("logoutURL"), (true, true, Kind::Url));
        assert_eq!(known("guest"), (false, true, Kind::Boolean));
        assert_eq!(known("anything"), (true, true, Kind::Text));
        for name in ["firstName", "lastName"] {
            assert_eq!(known(name), (false, true, Kind::Text), "finding 27");
        }
    }

    #[test]
    fn values_are_checked_by_kind() {
        for (name, good, bad) in [
            ("muteOnStart", "true", "TRUE"),
            ("duration", "90", "-1"),
            ("bannerColor", "#00ffAA", "red"),
            ("logo", "https://a.b/c.png", "javascript:x"),
            ("guestPolicy", "ASK_MODERATOR", "MAYBE"),
        ] {
            assert_eq!(parameter(name).kind.check(good), Ok(()), "{name}");
            assert!(parameter(name).kind.check(bad).is_err(), "{name}");
        }
        assert!(Kind::Color.check("#äöü").is_err(), "bytes and characters are not the same");
    }

    #[test]
    fn no_name_stands_twice_in_a_table() {
        for table in [ON_CREATE, ON_JOIN] {
            let names: Vec<_> = table.iter().flat_map(|(_, names)| *names).collect();
            let unique: std::collections::HashSet<_> = names.iter().collect();
            assert_eq!(names.len(), unique.len());
        }
    }
}

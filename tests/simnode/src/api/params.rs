//! Values of parameters as BBB takes them.

/// `ParamsUtil.sanitizeString` (bbb-common-web, `org.bigbluebutton.api.util`): control characters are taken out
/// (`\\p{Cc}`, among them tab and line breaks), then white space around the rest. U+FFFE and U+FFFF stay.
///
/// `ValidationService` looks at parameters that went through this, but `ApiController` goes on with the ones
/// that came. Only names of meetings and attendees are cleaned there, so that control characters in `meta_*` and
/// `userdata-*` end up in the lists.
pub(super) fn sanitized(value: &str) -> String {
    // `String.trim` of Java: everything up to the blank.
    value.replace(char::is_control, "").trim_matches(|c| c <= ' ').to_owned()
}

/// The custom data of a `join`: `ParamsProcessorUtil.getUserCustomData` (bbb-common-web,
/// `org.bigbluebutton.api`). It takes the parameters whose names begin with `userdata` and have two parts when
/// split at hyphens, whatever the second part is; `userdata-a-b` has three.
pub(super) fn custom_data(params: &[(String, String)]) -> Vec<(String, String)> {
    let mut data: Vec<(String, String)> = Vec::new();
    for (name, value) in params.iter().filter(|(name, _)| name.starts_with("userdata")) {
        // `String.split` of Java drops empty parts at the end.
        let parts: Vec<&str> = name.trim_end_matches('-').split('-').collect();
        let [_, key] = parts[..] else { continue };
        if data.iter().all(|(known, _)| known != key) {
            data.push((key.to_owned(), value.clone()));
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_others_stay() {
        assert_eq!(sanitized(" a\u{1}\tb\u{85}\u{fffe} \n"), "ab\u{fffe}");
        assert_eq!(sanitized("\u{a0}a"), "\u{a0}a");
    }

    #[test]
    fn names_of_custom_data() {
        let names = |names: &[&str]| {
            let params: Vec<_> = names.iter().map(|name| ((*name).to_owned(), "v".to_owned())).collect();
            custom_data(&params).into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(&["userdata-show chat", "userdata-a/", "userdata-2fa"]), ["show chat", "a/", "2fa"]);
        assert_eq!(names(&["userdatax-a", "userdata-b--"]), ["a", "b"]);
        assert!(names(&["userdata-", "userdata", "userdata-a-b", "userdata--c", "auserdata-d"]).is_empty());
    }
}

//! The page that a browser shows if a `join` fails: plain language instead of XML.

use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use quick_xml::escape::escape;

use crate::bbb::Failure;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    English,
    German,
    French,
    Spanish,
}

/// The texts of a page.
struct Words {
    title: &'static str,
    unknown: &'static str,
    silent: &'static str,
    link: &'static str,
    other: &'static str,
    advice: &'static str,
}

impl Language {
    /// The first language that the browser asks for and that we have.
    fn of(wanted: Option<&HeaderValue>) -> Self {
        let wanted = wanted.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let tags = wanted.split(',').filter_map(|tag| tag.split(['-', ';']).next());
        let known = tags.filter_map(|tag| match tag.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            "fr" => Some(Self::French),
            "es" => Some(Self::Spanish),
            _ => None,
        });
        known.take(1).next().unwrap_or(Self::English)
    }

    fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    fn words(self) -> Words {
        match self {
            Self::English => Words {
                title: "You cannot join this meeting right now",
                unknown: "The meeting has not begun, or has already ended.",
                silent: "The server of this meeting does not answer at the moment.",
                link: "The link is not valid. It may be incomplete or out of date.",
                other: "The meeting could not be joined.",
                advice: "Please go back and try again, or ask the person who invited you.",
            },
            Self::German => Words {
                title: "Sie können dieser Konferenz gerade nicht beitreten",
                unknown: "Die Konferenz hat noch nicht begonnen oder ist schon beendet.",
                silent: "Der Server dieser Konferenz antwortet im Moment nicht.",
                link: "Der Link ist ungültig. Vielleicht ist er unvollständig oder veraltet.",
                other: "Der Beitritt zur Konferenz war nicht möglich.",
                advice: "Bitte gehen Sie zurück und versuchen Sie es noch einmal, oder fragen Sie die Person, die Sie eingeladen hat.",
            },
            Self::French => Words {
                title: "Vous ne pouvez pas rejoindre cette réunion pour le moment",
                unknown: "La réunion n’a pas encore commencé ou est déjà terminée.",
                silent: "Le serveur de cette réunion ne répond pas pour le moment.",
                link: "Le lien n’est pas valide. Il est peut-être incomplet ou périmé.",
                other: "Il n’a pas été possible de rejoindre la réunion.",
                advice: "Revenez en arrière et réessayez, ou adressez-vous à la personne qui vous a invité.",
            },
            Self::Spanish => Words {
                title: "No puede unirse a esta reunión en este momento",
                unknown: "La reunión no ha empezado todavía o ya ha terminado.",
                silent: "El servidor de esta reunión no responde en este momento.",
                link: "El enlace no es válido. Puede estar incompleto o caducado.",
                other: "No ha sido posible unirse a la reunión.",
                advice: "Vuelva atrás e inténtelo de nuevo, o pregunte a la persona que le invitó.",
            },
        }
    }
}

/// A browser, with its `Accept-Language`.
pub(super) struct Browser(Option<HeaderValue>);

impl Browser {
    /// The requesting browser. Other programs accept XML, or anything.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let accepted = headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let mut kinds = accepted.split(',').filter_map(|kind| kind.split(';').next());
        kinds.any(|it| it.trim() == "text/html").then(|| Self(headers.get(ACCEPT_LANGUAGE).cloned()))
    }
}

/// Renders the page. `logo` is the URL of the tenant's logo.
pub(super) fn answer(browser: &Browser, failure: &Failure, logo: Option<&str>) -> Response {
    let language = Language::of(browser.0.as_ref());
    let words = language.words();
    let reason = match failure.key {
        "invalidMeetingIdentifier" => words.unknown,
        "internalError" => words.silent,
        "checksumError" => words.link,
        _ => words.other,
    };
    let logo = logo.map(|url| format!("<img src=\"{}\" alt=\"\">\n", escape(url))).unwrap_or_default();
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem;\
         color:#222;background:#fff}}img{{max-height:6rem;max-width:100%}}h1{{font-size:1.5rem}}\
         small{{color:#666}}</style>\n</head>\n<body>\n{logo}<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n\
         <p><small>{}</small></p>\n</body>\n</html>\n",
        language.tag(),
        words.title,
        words.title,
        reason,
        words.advice,
        escape(failure.key),
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (VARY, HeaderValue::from_static("Accept, Accept-Language")),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; img-src http: https:; style-src 'unsafe-inline'"),
        ),
    ];
    (headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(wanted: &'static str) -> &'static str {
        Language::of(Some(&HeaderValue::from_static(wanted))).tag()
    }

    #[test]
    fn finding_26_the_page_speaks_the_browsers_language() {
        assert_eq!(language("de-CH,de;q=0.9,en;q=0.8"), "de");
        assert_eq!(language("pt-BR,fr;q=0.5"), "fr");
        assert_eq!(language("ES"), "es");
        assert_eq!(language("ja"), "en");
        assert_eq!(language(""), "en");
    }

    #[test]
    fn browsers_are_told_from_programs() {
        let accepts = |kinds: &'static str| {
            Browser::of(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(kinds))])).is_some()
        };
        assert!(accepts("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(
            !accepts("*/*")
                && !accepts("text/xml, application/xml")
                && Browser::of(&HeaderMap::new()).is_none()
        );
    }
}

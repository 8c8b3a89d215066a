//! The endpoints of a tenant, and their keys once they are revealed.

use rpc::SecretView;

use crate::page::Page;
use crate::state::State;
use crate::state::dialog::{Endpoints, Keys};
use crate::text::{clean, count};

pub(super) fn write(page: &mut Page, state: &State, endpoints: &Endpoints) -> String {
    match &endpoints.keys {
        Keys::Hidden => page.dim("s shows the secret keys."),
        Keys::Requested => page.dim("asking for the keys"),
        Keys::Revealed(_) => {
            page.styled("Secret keys are on the screen until this closes.", page.look.theme.suspect);
        }
        Keys::Refused(refusal) => page.styled(&clean(&refusal.to_string()), page.look.theme.down),
    }
    page.gap();
    match &endpoints.secrets {
        None => page.dim(if state.link.is_up() { "asking for the endpoints" } else { "no connection" }),
        Some(Err(refusal)) => page.styled(&clean(&refusal.to_string()), page.look.theme.down),
        Some(Ok(secrets)) if secrets.is_empty() => page.dim("no endpoints"),
        Some(Ok(secrets)) => secrets.iter().for_each(|secret| endpoint(page, endpoints, secret)),
    }
    format!("Endpoints of {}", endpoints.tenant)
}

fn endpoint(page: &mut Page, endpoints: &Endpoints, secret: &SecretView) {
    let limit = |figure: u32, noun: &str| match figure {
        0 => None,
        _ => Some(format!("up to {} {noun}s", count(figure))),
    };
    let second = secret.has_second.then(|| "second key accepted".to_owned());
    let limits = [limit(secret.meeting_limit, "meeting"), limit(secret.attendee_limit, "attendee"), second];
    let limits: Vec<_> = limits.into_iter().flatten().collect();
    let about = if limits.is_empty() { "no limits of its own".to_owned() } else { limits.join(", ") };
    page.title(&clean(&secret.name), &about, page.look.theme.dim);
    page.text(&format!("  https://{}/bigbluebutton/", clean(&secret.hostname)));
    if let Some(key) = endpoints.key_of(&secret.name) {
        page.styled(&format!("  {}", clean(key)), page.look.theme.strong);
    }
}

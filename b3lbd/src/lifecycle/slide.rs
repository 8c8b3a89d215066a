//! Adds the tenant's start slide to a `create` if the client sends none.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::create::CreateRequest;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Document, Params, with_presentation};
use crate::model::{AssetKind, MAX_INLINE_SLIDE, base64_length};
use crate::nodes::Body;
use crate::store::AssetContent;

/// Parameters longer than this must be sent in the body, in bytes.
const LONG: usize = 3_000;

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// The body for the node: the client's, plus the tenant's slide unless the client sends a presentation.
    /// Small slides are sent inline, large ones by URL. If the parameters need the body themselves, the slide
    /// is sent as a parameter.
    pub(super) async fn body_with_slide(&self, request: &CreateRequest, sent: &mut Params) -> Option<Body> {
        let own = request.body.clone();
        let Some(meta) = request.tenant.assets.get(&AssetKind::Slide) else { return own };
        if request.params.get_filled("preUploadedPresentation").is_some() {
            return own;
        }
        let bytes = own.as_ref().and_then(Body::xml);
        let name = meta.file_name.as_str();
        if bytes.is_none() && sent.encode().len() > LONG {
            sent.set("preUploadedPresentation", &self.links.asset(&request.tenant, AssetKind::Slide));
            sent.set("preUploadedPresentationName", name);
            return Some(Body::Form);
        }
        let is_small = base64_length(meta.size) <= MAX_INLINE_SLIDE;
        let slide = if is_small { self.slide_content(request, &meta.digest).await } else { None };
        let changed = match slide {
            Some(slide) => {
                with_presentation(bytes, Document::Inline { name, base64: &STANDARD.encode(&slide.content) })
            }
            None => {
                let url = self.links.asset(&request.tenant, AssetKind::Slide);
                with_presentation(bytes, Document::ByUrl { name, url: &url })
            }
        };
        match changed {
            Some(xml) => Some(Body::Xml { content_type: "application/xml".to_owned(), bytes: xml.into() }),
            None => own,
        }
    }

    /// The content of the slide. If it cannot be read, the node fetches it by URL, so that no meeting lacks
    /// it.
    async fn slide_content(&self, request: &CreateRequest, digest: &str) -> Option<Arc<AssetContent>> {
        match self.store.asset(request.tenant.id, AssetKind::Slide, digest).await {
            Ok(slide) => slide,
            Err(error) => {
                tracing::error!(%error, tenant = %request.tenant.slug, "the slide could not be read, and is sent by URL");
                None
            }
        }
    }
}

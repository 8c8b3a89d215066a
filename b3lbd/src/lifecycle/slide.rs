//! A tenant's start slide in a `create` whose client brings none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::create::CreateRequest;
use super::{BindingStore, Core, NodeCalls};
use crate::bbb::{Document, with_presentation};
use crate::model::{AssetKind, MAX_INLINE_SLIDE, base64_length};
use crate::nodes::Body;

impl<S: BindingStore, N: NodeCalls> Core<S, N> {
    /// The body for the node: the client's, with the tenant's slide if there is one and the client brings
    /// no presentation. Small slides go inside, large ones by URL.
    pub(super) async fn body_with_slide(&self, request: &CreateRequest) -> Option<Body> {
        let own = request.body.clone();
        let Some(meta) = request.tenant.assets.get(&AssetKind::Slide) else { return own };
        if request.params.get_filled("preUploadedPresentation").is_some() {
            return own;
        }
        let bytes = own.as_ref().and_then(Body::xml);
        let name = meta.file_name.as_str();
        let changed = if base64_length(meta.size) <= MAX_INLINE_SLIDE {
            match self.store.asset(request.tenant.id, AssetKind::Slide).await {
                Ok(Some(slide)) => with_presentation(
                    bytes,
                    Document::Inline { name, base64: &STANDARD.encode(slide.content) },
                ),
                Ok(None) => None,
                Err(error) => {
                    // A meeting without its slide is better than none.
                    tracing::error!(%error, tenant = %request.tenant.slug, "the slide could not be read");
                    None
                }
            }
        } else {
            let url = self.links.asset(&request.tenant, AssetKind::Slide);
            with_presentation(bytes, Document::ByUrl { name, url: &url })
        };
        match changed {
            Some(xml) => Some(Body::Xml { content_type: "application/xml".to_owned(), bytes: xml.into() }),
            None => own,
        }
    }
}

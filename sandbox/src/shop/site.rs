//! The shop's pages, the browser module beside them, and the headers that both are served under.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

use super::error::StartError;

/// Whom the pages may have to do with, beside the shop itself.
pub(super) struct Origins {
    signer: String,
    scripts: Option<String>,
}

impl Origins {
    pub(super) fn new(signer: String, jweixin_url: Option<&Url>) -> Self {
        Self { signer, scripts: jweixin_url.map(|url| url.origin().ascii_serialization()) }
    }
}

/// Static files and headers of the shop.
pub(super) struct Site {
    pages: ServeDir,
    package: ServeDir,
    content_security_policy: HeaderValue,
}

impl Site {
    pub(super) fn new(www_dir: &Path, package_dir: &Path, origins: &Origins) -> Result<Self, StartError> {
        let content_security_policy = HeaderValue::try_from(content_security_policy(origins))
            .map_err(|error| StartError::Address { key: "shop.signer_url", reason: error.to_string() })?;
        Ok(Self {
            pages: folder("shop.www_dir", www_dir)?,
            package: folder("shop.package_dir", package_dir)?,
            content_security_policy,
        })
    }

    /// Serves the files around the shop's own routes, all under the same headers.
    pub(super) fn around(self, routes: Router) -> Router {
        let fixed = |name: HeaderName, value: &'static str| {
            SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
        };
        routes
            .nest_service("/checkout", self.package)
            .fallback_service(self.pages)
            .layer(SetResponseHeaderLayer::overriding(
                header::CONTENT_SECURITY_POLICY,
                self.content_security_policy,
            ))
            // WeChat refuses an H5 payment that comes without a referrer.
            .layer(fixed(header::REFERRER_POLICY, "strict-origin-when-cross-origin"))
            .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-cache"),
            ))
    }
}

/// Only the shop's own files, and calls to the signer; `'wasm-unsafe-eval'` is what WebAssembly needs.
fn content_security_policy(Origins { signer, scripts }: &Origins) -> String {
    let scripts = scripts.as_ref().map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' {signer}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

fn folder(key: &'static str, path: &Path) -> Result<ServeDir, StartError> {
    if path.is_dir() {
        Ok(ServeDir::new(path))
    } else {
        Err(StartError::Folder { key, path: path.to_owned() })
    }
}

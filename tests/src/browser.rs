//! The payer's browser at the gateways' own pages: it runs no scripts and stops at every redirect.

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;

use crate::{Api, Reply};

/// A browser.
#[derive(Clone, Debug)]
pub struct Browser {
    api: Api,
}

impl Default for Browser {
    fn default() -> Self {
        Self { api: Api::new("") }
    }
}

impl Browser {
    /// Opens an address. What follows a `#` stays with the browser.
    pub async fn open(&self, address: &str) -> Reply {
        self.api.send(self.api.request(Method::GET, address)).await
    }

    /// Sends a page's form to the page's own address.
    pub async fn press(&self, address: &str, form: &str) -> Reply {
        let request = self.api.request(Method::POST, address);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.api.send(request.body(form.to_owned())).await
    }
}

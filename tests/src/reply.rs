//! An answer, read to its end.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An HTTP answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Reply {
    pub(crate) async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, self.text))
    }

    /// A header as text, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// Where a redirect leads.
    ///
    /// # Panics
    /// When it is none.
    pub fn redirect(&self) -> String {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text);
        self.header("location").to_owned()
    }

    /// The body as JSON, when the status is the expected one.
    ///
    /// # Panics
    /// When it is another.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// The body as an RFC 9457 problem with this status and code.
    ///
    /// # Panics
    /// When it is something else, or the problem is not whole.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for text in ["type", "title", "detail", "request_id"] {
            let text = problem[text].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{problem}");
        }
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem
    }

    /// The fields of every entry in a 422's `errors`, sorted.
    ///
    /// # Panics
    /// When it is no 422, or an entry is not whole.
    pub fn misfits(&self) -> Vec<String> {
        let problem = self.problem(422, "invalid_request");
        let text = |error: &Value, name: &str| {
            let text = error[name].as_str().unwrap_or_else(|| panic!("an error without {name}: {problem}"));
            assert!(!text.is_empty() || name == "field", "{problem}");
            text.to_owned()
        };
        let errors = problem["errors"].as_array().expect("a list of errors");
        let mut found: Vec<String> = errors
            .iter()
            .map(|error| {
                text(error, "detail");
                text(error, "code");
                text(error, "field")
            })
            .collect();
        found.sort();
        found
    }
}

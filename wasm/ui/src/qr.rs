//! QR codes: error correction M or what more of it fits into the same size, quiet zone of 4 modules, drawn here and by nobody else.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::script::makes;

const QUIET_ZONE: i32 = 4;

/// A QR code as a drawing: dark modules on a white square.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// Width and height, quiet zone included, in modules.
    pub(crate) size: usize,
    /// The dark modules as an SVG path.
    pub(crate) path: String,
}

makes!(Code { size: "size", path: "path" });

impl Code {
    /// The code of a text; `None` when there is too much of it.
    pub(crate) fn new(text: &str) -> Option<Self> {
        // As bytes: what gateways give is addresses, and the denser modes know no small letters.
        let code = QrCode::encode_binary(text.as_bytes(), QrCodeEcc::Medium).ok()?;
        let width = code.size();
        let mut path = String::new();
        for row in 0..width {
            draw_row(row, width, |column| code.get_module(column, row), &mut path);
        }
        Some(Self { size: (width + 2 * QUIET_ZONE) as usize, path })
    }

    /// A whole image. White is drawn too: a dark page behind it must not make the code unreadable.
    pub(crate) fn svg(&self) -> String {
        let size = self.size.to_string();
        let start = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ";
        let white = "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h";
        let black = "H0z\"/><path fill=\"#000\" d=\"";
        [start, &size, " ", &size, white, &size, "v", &size, black, &self.path, "\"/></svg>"].concat()
    }
}

/// Each run of dark modules is one rectangle.
fn draw_row(row: i32, width: i32, is_dark: impl Fn(i32) -> bool, path: &mut String) {
    let mut column = 0;
    while column < width {
        let length = (column..width).take_while(|&column| is_dark(column)).count() as i32;
        if length > 0 {
            let [x, y, length] =
                [column + QUIET_ZONE, row + QUIET_ZONE, length].map(|number| number.to_string());
            path.extend(["M", &x, " ", &y, "h", &length, "v1h-", &length, "z"]);
        }
        // Behind a dark run lies a light module, or the border.
        column += length + 1;
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test(unsupported = test)]
    fn a_text_of_27_bytes_is_a_version_3_code_with_its_quiet_zone() {
        let code = Code::new("https://qr.alipay.com/bax00").unwrap();
        assert_eq!(code.size, 29 + 8);
        // As much as level M takes at this size, which is more than Q does and less than L.
        assert_eq!(Code::new(&"x".repeat(42)).unwrap().size, 29 + 8);
        assert_eq!(Code::new(&"x".repeat(43)).unwrap().size, 33 + 8);
        // The finder pattern's upper edge: seven dark modules, four modules away from the border.
        assert!(code.path.starts_with("M4 4h7v1h-7z"), "{}", code.path);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn nothing_is_drawn_into_the_quiet_zone() {
        let code = Code::new(&"https://example.com/".repeat(20)).unwrap();
        for rectangle in code.path.split('M').skip(1) {
            let (x, rest) = rectangle.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            assert!(x >= 4 && y >= 4 && x + length <= code.size - 4 && y < code.size - 4, "{rectangle}");
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_text_that_does_not_fit_is_refused() {
        assert_eq!(Code::new(&"x".repeat(4_000)), None);
    }
}

use super::OpenShop;

#[tokio::test]
async fn pages_and_the_browser_module_are_served_with_their_types() {
    let shop = OpenShop::new().await;
    for (path, content_type) in [
        ("/", "text/html"),
        ("/?order=T1", "text/html"),
        ("/checkout/index.js", "text/javascript"),
        ("/checkout/core.wasm", "application/wasm"),
    ] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    }
}

#[tokio::test]
async fn every_answer_allows_only_the_shops_own_files_and_the_signer() {
    let shop = OpenShop::new().await;
    let expected = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' {}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        shop.signer.url
    );
    for path in ["/", "/checkout/index.js", "/api/shop", "/nothing-here"] {
        let answer = shop.get(path).await;
        assert_eq!(answer.header("content-security-policy"), expected, "{path}");
        assert_eq!(answer.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    assert_eq!(shop.get("/api/shop").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn wechats_page_script_is_allowed_only_where_it_is_configured() {
    let address = "https://res.wx.example/open/js/jweixin-1.2.0.js";
    let shop = OpenShop::with(|config| config.jweixin_url = Some(address.into())).await;
    let answer = shop.get("/api/shop").await;
    assert_eq!(answer.json()["jweixin_url"], address);
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' https://res.wx.example; "), "{policy}");
    let usual = OpenShop::new().await.get("/api/shop").await;
    assert_eq!(usual.json()["jweixin_url"], serde_json::json!(null));
}

#[tokio::test]
async fn nothing_outside_the_two_folders_is_served() {
    let shop = OpenShop::new().await;
    for path in
        ["/..%2foutside.txt", "/checkout/..%2f..%2foutside.txt", "/checkout/%2e%2e/%2e%2e/outside.txt"]
    {
        let answer = shop.get(path).await;
        assert!((400..500).contains(&answer.status), "{path} is {}", answer.status);
        assert!(!answer.text.contains("not for visitors"), "{path}");
    }
}

<?php

declare(strict_types=1);

/** What nginx or Apache does for a real shop: the page and the checkout's files, under the page's headers. */

const CONTENT_TYPES = [
    'html' => 'text/html; charset=utf-8',
    'js' => 'text/javascript; charset=utf-8',
    'css' => 'text/css; charset=utf-8',
    'svg' => 'image/svg+xml',
    'wasm' => 'application/wasm',
];

/** Sends the file of this path; false when there is none. */
function send_file(Settings $settings, string $path): bool
{
    if (!preg_match('~^/(?:(checkout)/)?([\w.-]*)$~', $path, $found)) {
        return false;
    }
    [, $isCheckout, $name] = $found;
    $name = $name === '' ? 'index.html' : $name;
    $file = ($isCheckout ? $settings->checkoutDir : __DIR__ . '/../page') . "/$name";
    $type = CONTENT_TYPES[pathinfo($name, PATHINFO_EXTENSION)] ?? null;
    if ($type === null || !is_file($file)) {
        return false;
    }
    $signer = parse_url($settings->signerPublicUrl);
    $origin = "{$signer['scheme']}://{$signer['host']}" . (isset($signer['port']) ? ":{$signer['port']}" : '');
    header("content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        . "img-src 'self'; connect-src 'self' $origin; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    header('referrer-policy: strict-origin-when-cross-origin'); // WeChat refuses an H5 payment that comes without one.
    header('x-content-type-options: nosniff');
    header("content-type: $type");
    readfile($file);
    return true;
}

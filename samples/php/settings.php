<?php

declare(strict_types=1);

/** Everything that differs between machines comes from the environment; nothing secret is in a file. */
final class Settings
{
    /** The signer, as this backend reaches it. */
    public readonly string $signerUrl;
    /** The signer, as the payer's browser reaches it. */
    public readonly string $signerPublicUrl;
    public readonly string $apiKey;
    public readonly string $webhookSecret;
    /** This shop, as the payer's browser reaches it. */
    public readonly string $publicUrl;
    public readonly string $account;
    public readonly string $method;
    public readonly string $database;
    /** The folder `dist` of the npm package `@countersign/checkout`. */
    public readonly string $checkoutDir;

    public function __construct()
    {
        $this->signerUrl = rtrim(self::required('COUNTERSIGN_URL'), '/');
        $this->signerPublicUrl = rtrim(getenv('COUNTERSIGN_PUBLIC_URL') ?: $this->signerUrl, '/');
        $this->apiKey = self::required('COUNTERSIGN_API_KEY');
        $this->webhookSecret = self::required('WEBHOOK_SECRET');
        $this->publicUrl = rtrim(self::required('PUBLIC_URL'), '/');
        $this->account = getenv('ACCOUNT') ?: 'hk';
        $this->method = getenv('METHOD') ?: 'blueocean_alipay_qrcode';
        $this->database = getenv('DATABASE') ?: __DIR__ . '/orders.db';
        $this->checkoutDir = getenv('CHECKOUT_DIR') ?: __DIR__ . '/../../wasm/dist';
    }

    private static function required(string $name): string
    {
        return getenv($name) ?: throw new RuntimeException("the environment variable $name is missing");
    }
}

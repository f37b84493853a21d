<?php

declare(strict_types=1);

/** Why there is no payment; definite when asking again would get the same answer. */
final class SignerError extends RuntimeException
{
    public function __construct(string $message, public readonly bool $isDefinite)
    {
        parent::__construct($message);
    }
}

/** Calls to the signer: the only place that uses the API key. */
final class Signer
{
    public function __construct(private readonly Settings $settings)
    {
    }

    /**
     * Creates the payment for an order. The signer answers the same order number with the same payment, so this may be
     * called again after a time-out, a crash or a second press, and there is still one payment.
     */
    public function createPayment(array $order): array
    {
        return $this->post('/v1/payments', [
            'account' => $this->settings->account,
            'order_id' => $order['id'],
            'amount' => ['value' => $order['value'], 'currency' => $order['currency']],
            'subject' => CATALOGUE[$order['sku']]['name'],
            'method' => ['type' => $this->settings->method],
            'return_url' => "{$this->settings->publicUrl}/?order={$order['id']}",
        ]);
    }

    /** A new client secret; the one before it stops working. */
    public function renewSecret(string $paymentId): array
    {
        return $this->post("/v1/payments/$paymentId/client_secret", new stdClass());
    }

    private function post(string $path, array|object $body): array
    {
        $call = curl_init($this->settings->signerUrl . $path);
        curl_setopt_array($call, [
            CURLOPT_POSTFIELDS => json_encode($body, JSON_THROW_ON_ERROR),
            CURLOPT_HTTPHEADER => ["authorization: Bearer {$this->settings->apiKey}", 'content-type: application/json'],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 20,
        ]);
        $text = curl_exec($call);
        if ($text === false) {
            throw new SignerError('the signer cannot be reached: ' . curl_error($call), isDefinite: false);
        }
        $status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
        if ($status >= 300) {
            // A problem names its code, its fields and the request, for whoever mends it; there is no secret in one.
            throw new SignerError("the signer answered $status: $text", isDefinite: $status < 500);
        }
        return json_decode($text, true, flags: JSON_THROW_ON_ERROR);
    }
}

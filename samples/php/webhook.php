<?php

declare(strict_types=1);

/** How far a webhook's clock may be from ours. */
const WEBHOOK_TOLERANCE_S = 300;

/**
 * Verifies a webhook by Standard Webhooks 1.0.0, over the bytes as they came.
 *
 * @param array<string, string> $headers with names in lower case
 * @return array the event
 * @throws UnexpectedValueException when it is not genuine, or not fresh
 */
function verified_webhook(string $secret, string $body, array $headers): array
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if ($id === '' || !ctype_digit($timestamp) || abs(time() - (int) $timestamp) > WEBHOOK_TOLERANCE_S) {
        throw new UnexpectedValueException('the webhook has no id, or it is too old or too new');
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    if ($key === false || strlen($key) < 24) {
        throw new RuntimeException('WEBHOOK_SECRET is not whsec_ and the base64 of at least 24 bytes');
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // During a rotation of secrets there are several signatures; one that fits is enough.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
        if (hash_equals($expected, $signature)) {
            return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
        }
    }
    throw new UnexpectedValueException('no signature fits');
}

<?php

/** A merchant's backend in plain PHP: decides the price, creates the payment, believes only signed webhooks. */

declare(strict_types=1);

require __DIR__ . '/settings.php';
require __DIR__ . '/orders.php';
require __DIR__ . '/signer.php';
require __DIR__ . '/webhook.php';
require __DIR__ . '/files.php';

/** A refusal with a stable code, a sentence, and the field that it is about. */
final class Refusal extends RuntimeException
{
    public function __construct(int $status, public readonly string $problem, string $detail, public readonly array $more = [])
    {
        parent::__construct($detail, $status);
    }
}

function answer(array $body, int $status = 200, string $type = 'application/json'): void
{
    http_response_code($status);
    header("content-type: $type");
    header('cache-control: no-store');
    echo json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES);
}

/** Recognises the visitor by a cookie that no script can read. A real shop has its own login here. */
function visitor(Settings $settings): string
{
    $session = $_COOKIE['shop_session'] ?? '';
    if (!preg_match('/^[0-9a-f]{32}$/D', $session)) {
        $session = bin2hex(random_bytes(16));
        // Lax, because the payer comes back from the gateway's site and must be recognised then.
        setcookie('shop_session', $session, [
            'path' => '/', 'httponly' => true, 'samesite' => 'Lax',
            'secure' => str_starts_with($settings->publicUrl, 'https:'),
        ]);
    }
    return $session;
}

function own_order(Orders $orders, string $session, string $id): array
{
    return $orders->own($session, $id) ?? throw new Refusal(404, 'unknown_order', 'This browser has no such order.');
}

/** Answers with all that the browser needs to pay this order: one payment, and the secret for it. */
function send_payment(Settings $settings, Orders $orders, array $order, callable $ask): void
{
    try {
        $payment = $ask();
    } catch (SignerError $error) {
        error_log("order {$order['id']} has no payment yet: {$error->getMessage()}");
        $more = ['order_id' => $order['id']];
        throw $error->isDefinite
            ? new Refusal(502, 'payment_refused', 'This order cannot be paid this way. Nothing was charged.', $more)
            : new Refusal(503, 'payment_unavailable', 'The payment cannot be opened right now. Your order is kept: please try again.', $more);
    }
    $orders->notePayment($order['id'], $payment['id']);
    answer([
        'orderId' => $order['id'],
        'signer' => $settings->signerPublicUrl,
        'paymentId' => $payment['id'],
        'clientSecret' => $payment['client_secret'],
    ]);
}

/** All that the browser says is what it wants. A price in the body is not even looked at. */
function wanted_sku(): string
{
    $sku = json_decode(file_get_contents('php://input'), true)['sku'] ?? null;
    if (!is_string($sku) || !isset(CATALOGUE[$sku])) {
        $errors = [['field' => 'sku', 'code' => 'unknown_sku', 'detail' => 'the shop does not sell this']];
        throw new Refusal(422, 'invalid_request', 'These fields do not fit: sku', ['errors' => $errors]);
    }
    return $sku;
}

function hear_of_payment(Settings $settings, Orders $orders): void
{
    $headers = array_change_key_case(getallheaders(), CASE_LOWER);
    try {
        // The bytes as they came: parsing them and writing them again breaks the signature.
        $event = verified_webhook($settings->webhookSecret, file_get_contents('php://input'), $headers);
    } catch (UnexpectedValueException $error) {
        throw new Refusal(401, 'bad_signature', $error->getMessage());
    }
    ['order_id' => $orderId, 'id' => $paymentId] = $event['data'];
    switch ($orders->hear($headers['webhook-id'], $event)) {
        case 'mismatch':
            throw new Refusal(422, 'not_our_order', 'No order here has this number, account, amount and payment.');
        case 'fulfil':
            error_log("fulfil $orderId: it is paid, pack it");
            break;
        case 'review':
            error_log("review $orderId: a person must look at $paymentId");
            break;
    }
    http_response_code(204); // Only now: everything is written down.
}

function route(Settings $settings, string $method, string $path): void
{
    $orders = new Orders($settings);
    $signer = new Signer($settings);
    if ($method === 'POST' && $path === '/cart/pay') {
        $order = $orders->open(visitor($settings), wanted_sku());
        send_payment($settings, $orders, $order, fn () => $signer->createPayment($order));
    } elseif ($method === 'POST' && preg_match('~^/orders/(\w+)/secret$~', $path, $found)) {
        // For a payer who comes back in another tab, where the secret is not known.
        $order = own_order($orders, visitor($settings), $found[1]);
        $ask = $order['payment_id'] === null
            ? fn () => $signer->createPayment($order)
            : fn () => $signer->renewSecret($order['payment_id']);
        send_payment($settings, $orders, $order, $ask);
    } elseif ($method === 'GET' && preg_match('~^/orders/(\w+)$~', $path, $found)) {
        $order = own_order($orders, visitor($settings), $found[1]);
        answer([
            'order_id' => $order['id'],
            'sku' => $order['sku'],
            'amount' => ['value' => $order['value'], 'currency' => $order['currency']],
            'status' => $order['status'],
            'parcels' => $orders->parcels($order['id']),
            'needs_person' => (bool) $order['needs_person'],
        ]);
    } elseif ($method === 'POST' && $path === '/hooks/payments') {
        hear_of_payment($settings, $orders);
    } elseif ($method !== 'GET' || !send_file($settings, $path)) {
        throw new Refusal(404, 'not_found', 'There is no such page.');
    }
}

try {
    route(new Settings(), $_SERVER['REQUEST_METHOD'], parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
} catch (Refusal $refusal) {
    $body = ['status' => $refusal->getCode(), 'code' => $refusal->problem, 'detail' => $refusal->getMessage()];
    answer($body + $refusal->more, $refusal->getCode(), 'application/problem+json');
} catch (Throwable $error) {
    error_log((string) $error);
    $body = ['status' => 500, 'code' => 'internal', 'detail' => 'Something went wrong here.'];
    answer($body, 500, 'application/problem+json');
}

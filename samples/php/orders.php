<?php

declare(strict_types=1);

/** The prices are here and nowhere else, in minor units. */
const CATALOGUE = [
    'tea' => ['name' => 'Oolong tea', 'value' => 1000, 'currency' => 'HKD'],
    'cup' => ['name' => 'Tea cup', 'value' => 2500, 'currency' => 'HKD'],
];

// What a person has to look at may be paid, so it is not ordered once more meanwhile.
const UNDER_WAY = ['created', 'requires_action', 'processing', 'review'];

/** The shop's own books. An order is written down before anybody is asked for money. */
final class Orders
{
    private PDO $db;

    public function __construct(private readonly Settings $settings)
    {
        $this->db = new PDO("sqlite:$settings->database", options: [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_TIMEOUT => 5,
        ]);
        $this->db->exec(<<<'SQL'
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS orders (
                id TEXT PRIMARY KEY,
                session TEXT NOT NULL,
                sku TEXT NOT NULL,
                value INTEGER NOT NULL,
                currency TEXT NOT NULL,
                payment_id TEXT,
                status TEXT NOT NULL DEFAULT 'new',
                revision INTEGER NOT NULL DEFAULT 0,
                is_open INTEGER NOT NULL DEFAULT 1,
                needs_person INTEGER NOT NULL DEFAULT 0
            );
            -- A visitor who presses twice, or again after a failure, pays for the same order.
            CREATE UNIQUE INDEX IF NOT EXISTS one_open_order ON orders (session, sku) WHERE is_open;
            CREATE TABLE IF NOT EXISTS heard_webhooks (id TEXT PRIMARY KEY);
            -- What the packing room works through; an order is in it once, whatever is told how often.
            CREATE TABLE IF NOT EXISTS parcels (order_id TEXT PRIMARY KEY REFERENCES orders);
            SQL);
    }

    /** The visitor's open order for this item, or a new one. */
    public function open(string $session, string $sku): array
    {
        ['value' => $value, 'currency' => $currency] = CATALOGUE[$sku];
        $id = 'A' . strtoupper(bin2hex(random_bytes(8)));
        $this->run(
            'INSERT INTO orders (id, session, sku, value, currency) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
            [$id, $session, $sku, $value, $currency],
        );
        return $this->run('SELECT * FROM orders WHERE session = ? AND sku = ? AND is_open', [$session, $sku])->fetch();
    }

    /** A visitor's own order; anybody else's is as good as none. */
    public function own(string $session, string $id): ?array
    {
        return $this->run('SELECT * FROM orders WHERE id = ? AND session = ?', [$id, $session])->fetch() ?: null;
    }

    public function notePayment(string $orderId, string $paymentId): void
    {
        $this->run('UPDATE orders SET payment_id = ? WHERE id = ? AND payment_id IS NULL', [$paymentId, $orderId]);
    }

    public function parcels(string $orderId): int
    {
        return (int) $this->run('SELECT count(*) FROM parcels WHERE order_id = ?', [$orderId])->fetchColumn();
    }

    /** Writes a verified webhook down, all of it or nothing, and says what came of it. */
    public function hear(string $webhookId, array $event): string
    {
        $this->db->exec('BEGIN IMMEDIATE');
        try {
            $outcome = $this->heard($webhookId, $event['type'], $event['data']);
            $this->db->exec('COMMIT');
            return $outcome;
        } catch (Throwable $error) {
            $this->db->exec('ROLLBACK');
            throw $error;
        }
    }

    /** It may come again, and it may come late: the same id, and an older revision, change nothing. */
    private function heard(string $webhookId, string $type, array $payment): string
    {
        $order = $this->run('SELECT * FROM orders WHERE id = ?', [$payment['order_id']])->fetch();
        if (!$order || !$this->isAbout($payment, $order)) {
            return 'mismatch';
        }
        $isNew = $this->run('INSERT INTO heard_webhooks VALUES (?) ON CONFLICT DO NOTHING', [$webhookId])->rowCount();
        if (!$isNew || $payment['revision'] <= $order['revision']) {
            return 'known';
        }
        $isReview = $type === 'payment.review';
        $isUnderWay = in_array($payment['status'], UNDER_WAY, true);
        $this->run(
            'UPDATE orders SET payment_id = ?, status = ?, revision = ?, is_open = is_open AND ?,
             needs_person = needs_person OR ? WHERE id = ?',
            [$payment['id'], $payment['status'], $payment['revision'], (int) $isUnderWay, (int) $isReview, $order['id']],
        );
        if ($isReview) {
            return 'review';
        }
        if ($payment['status'] !== 'succeeded') {
            return 'noted';
        }
        $fulfilled = $this->run('INSERT INTO parcels VALUES (?) ON CONFLICT DO NOTHING', [$order['id']])->rowCount();
        return $fulfilled ? 'fulfil' : 'noted';
    }

    /** A signature proves who speaks, not that it is about this shop's order at this shop's price. */
    private function isAbout(array $payment, array $order): bool
    {
        return $payment['account'] === $this->settings->account
            && $payment['amount']['value'] === $order['value']
            && $payment['amount']['currency'] === $order['currency']
            && in_array($order['payment_id'], [null, $payment['id']], true);
    }

    private function run(string $sql, array $values): PDOStatement
    {
        $statement = $this->db->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}

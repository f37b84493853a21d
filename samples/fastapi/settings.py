"""Everything that differs between machines comes from the environment; nothing secret is in a file."""

import os
from pathlib import Path

SIGNER_URL = os.environ["COUNTERSIGN_URL"].rstrip("/")
"""The signer, as this backend reaches it."""

SIGNER_PUBLIC_URL = os.environ.get("COUNTERSIGN_PUBLIC_URL", SIGNER_URL).rstrip("/")
"""The signer, as the payer's browser reaches it."""

API_KEY = os.environ["COUNTERSIGN_API_KEY"]
WEBHOOK_SECRET = os.environ["WEBHOOK_SECRET"]

PUBLIC_URL = os.environ["PUBLIC_URL"].rstrip("/")
"""This shop, as the payer's browser reaches it."""

ACCOUNT = os.environ.get("ACCOUNT", "hk")
METHOD = os.environ.get("METHOD", "blueocean_alipay_qrcode")
DATABASE = os.environ.get("DATABASE", "orders.db")
PORT = int(os.environ.get("PORT", "8790"))

SAMPLES = Path(__file__).resolve().parent.parent
PAGE_DIR = SAMPLES / "page"
CHECKOUT_DIR = os.environ.get("CHECKOUT_DIR", str(SAMPLES.parent / "wasm" / "dist"))
"""The folder `dist` of the npm package `@countersign/checkout`."""

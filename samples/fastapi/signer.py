"""Calls to the signer: the only place that uses the API key."""

import sqlite3

import httpx

import settings
from orders import CATALOGUE

CLIENT = httpx.Client(
    base_url=settings.SIGNER_URL,
    headers={"authorization": f"Bearer {settings.API_KEY}"},
    timeout=20,
)


class SignerError(Exception):
    """Why there is no payment; `is_definite` when asking again would get the same answer."""

    def __init__(self, message: str, *, is_definite: bool) -> None:
        super().__init__(message)
        self.is_definite = is_definite


def create_payment(order: sqlite3.Row) -> dict:
    """Creates the payment for an order.

    The signer answers the same order number with the same payment, so this may be called again after a time-out, a
    crash or a second press, and there is still one payment.
    """
    return post("/v1/payments", {
        "account": settings.ACCOUNT,
        "order_id": order["id"],
        "amount": {"value": order["value"], "currency": order["currency"]},
        "subject": CATALOGUE[order["sku"]].name,
        "method": {"type": settings.METHOD},
        "return_url": f"{settings.PUBLIC_URL}/?order={order['id']}",
    })


def renew_secret(payment_id: str) -> dict:
    """A new client secret; the one before it stops working."""
    return post(f"/v1/payments/{payment_id}/client_secret", {})


def post(path: str, body: dict) -> dict:
    try:
        answer = CLIENT.post(path, json=body)
    except httpx.TransportError as error:
        raise SignerError(f"the signer cannot be reached: {error}", is_definite=False) from error
    if answer.is_success:
        return answer.json()
    # A problem names its code, its fields and the request, for whoever mends it; there is no secret in one.
    raise SignerError(f"the signer answered {answer.status_code}: {answer.text}", is_definite=answer.is_client_error)

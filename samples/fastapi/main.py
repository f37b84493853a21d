"""A merchant's backend with FastAPI: decides the price, creates the payment, believes only signed webhooks."""

import re
import secrets
import socket
import sqlite3
import sys
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, field_validator
from standardwebhooks import Webhook, WebhookVerificationError

import orders
import settings
import signer

verifier = Webhook(settings.WEBHOOK_SECRET)
app = FastAPI(title="Tea", docs_url=None, redoc_url=None, openapi_url=None)
orders.create_tables()


class Refusal(Exception):
    """A refusal with a stable code, a sentence, and the field that it is about."""

    def __init__(self, status: int, code: str, detail: str, **more: object) -> None:
        self.status = status
        self.body = {"status": status, "code": code, "detail": detail, **more}


@app.exception_handler(Refusal)
def refuse(_: Request, refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.body, refusal.status, media_type="application/problem+json")


@app.exception_handler(RequestValidationError)
def refuse_fields(request: Request, invalid: RequestValidationError) -> JSONResponse:
    errors = [
        {"field": ".".join(map(str, error["loc"][1:])), "code": error["type"], "detail": error["msg"]}
        for error in invalid.errors()
    ]
    fields = ", ".join(error["field"] for error in errors)
    return refuse(request, Refusal(422, "invalid_request", f"These fields do not fit: {fields}", errors=errors))


def visitor(request: Request) -> str:
    """Recognises the visitor by a cookie that no script can read. A real shop has its own login here."""
    session = request.cookies.get("shop_session", "")
    if not re.fullmatch("[0-9a-f]{32}", session):
        session = request.state.new_session = secrets.token_hex(16)
    return session


Visitor = Annotated[str, Depends(visitor)]


def own_order(order_id: str, session: Visitor) -> sqlite3.Row:
    order = orders.own_order(session, order_id)
    if order is None:
        raise Refusal(404, "unknown_order", "This browser has no such order.")
    return order


OwnOrder = Annotated[sqlite3.Row, Depends(own_order)]


class Cart(BaseModel):
    """All that the browser says is what it wants. A price beside it is not even looked at."""

    sku: str

    @field_validator("sku")
    @classmethod
    def is_sold(cls, sku: str) -> str:
        if sku not in orders.CATALOGUE:
            raise ValueError("the shop does not sell this")
        return sku


@app.post("/cart/pay")
def pay(cart: Cart, session: Visitor) -> dict:
    order = orders.open_order(session, cart.sku)
    return payment_of(order, signer.create_payment, order)


@app.post("/orders/{order_id}/secret")
def renew_secret(order: OwnOrder) -> dict:
    """For a payer who comes back in another tab, where the secret is not known."""
    if order["payment_id"] is None:
        return payment_of(order, signer.create_payment, order)
    return payment_of(order, signer.renew_secret, order["payment_id"])


def payment_of(order: sqlite3.Row, ask: Callable[..., dict], about: object) -> dict:
    """All that the browser needs to pay this order: one payment, and the secret for it."""
    try:
        payment = ask(about)
    except signer.SignerError as error:
        print(f"order {order['id']} has no payment yet: {error}", file=sys.stderr, flush=True)
        if error.is_definite:
            detail = "This order cannot be paid this way. Nothing was charged."
            raise Refusal(502, "payment_refused", detail, order_id=order["id"]) from error
        detail = "The payment cannot be opened right now. Your order is kept: please try again."
        raise Refusal(503, "payment_unavailable", detail, order_id=order["id"]) from error
    orders.note_payment(order["id"], payment["id"])
    return {
        "orderId": order["id"],
        "signer": settings.SIGNER_PUBLIC_URL,
        "paymentId": payment["id"],
        "clientSecret": payment["client_secret"],
    }


@app.get("/orders/{order_id}")
def read_order(order: OwnOrder) -> dict:
    return {
        "order_id": order["id"],
        "sku": order["sku"],
        "amount": {"value": order["value"], "currency": order["currency"]},
        "status": order["status"],
        "parcels": orders.parcels(order["id"]),
        "needs_person": bool(order["needs_person"]),
    }


async def raw_body(request: Request) -> bytes:
    """The bytes as they came: parsing them and writing them again breaks the signature."""
    return await request.body()


@app.post("/hooks/payments", status_code=204)
def hear_of_payment(request: Request, body: Annotated[bytes, Depends(raw_body)]) -> None:
    try:
        event = verifier.verify(body, dict(request.headers))
    except (WebhookVerificationError, ValueError) as error:  # a signature that is no base64 is a ValueError
        raise Refusal(401, "bad_signature", str(error)) from error
    order_id, payment_id = event["data"]["order_id"], event["data"]["id"]
    match orders.hear(request.headers["webhook-id"], event):
        case "mismatch":
            raise Refusal(422, "not_our_order", "No order here has this number, account, amount and payment.")
        case "fulfil":
            print(f"fulfil {order_id}: it is paid, pack it", flush=True)
        case "review":
            print(f"review {order_id}: a person must look at {payment_id}", file=sys.stderr, flush=True)
    # 204 only now: everything is written down.


ADDRESS = urlsplit(settings.SIGNER_PUBLIC_URL)
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
    f"connect-src 'self' {ADDRESS.scheme}://{ADDRESS.netloc}; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@app.middleware("http")
async def finish(request: Request, call_next: Callable) -> Response:
    """The headers of every answer, and the cookie of a visitor who is new."""
    response = await call_next(request)
    response.headers["content-security-policy"] = CONTENT_SECURITY_POLICY
    # WeChat refuses an H5 payment that comes without one.
    response.headers["referrer-policy"] = "strict-origin-when-cross-origin"
    response.headers["x-content-type-options"] = "nosniff"
    if request.url.path.startswith(("/cart/", "/orders/")):
        response.headers["cache-control"] = "no-store"
    if session := getattr(request.state, "new_session", None):
        # Lax, because the payer comes back from the gateway's site and must be recognised then.
        is_https = settings.PUBLIC_URL.startswith("https:")
        response.set_cookie("shop_session", session, httponly=True, samesite="lax", secure=is_https)
    return response


app.mount("/checkout", StaticFiles(directory=settings.CHECKOUT_DIR))
app.mount("/", StaticFiles(directory=settings.PAGE_DIR, html=True))

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", settings.PORT))
    print(f"the shop is ready on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])

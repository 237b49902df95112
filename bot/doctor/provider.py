"""The provider: the key, the balance, and the prices that it publishes."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import httpx

from bot.app import MAY_STILL_RENDER
from bot.doctor import prices
from bot.doctor.finding import Finding, look, ok, wrong
from bot.domain.money import Usd
from bot.domain.price import price_list
from bot.runware.client import Runware
from bot.runware.errors import KeyRefused, OutOfCredit, RunwareError
from bot.settings import Settings

LITTLE: Final = Usd.of(5)
MOST_OF_A_PAGE: Final = 1_000_000  # bytes
TOP_UP: Final = "top the account up at my.runware.ai"


async def check_account(http: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    """Whether the key is accepted, and what is left."""
    runware = Runware(http, url=settings.runware_api_url, key=settings.runware_api_key)
    try:
        account = await runware.account()
    except KeyRefused as error:
        if error.code in MAY_STILL_RENDER:
            return [look("RUNWARE_API_KEY", "it may not read the account, so nothing more is known of it")]
        return [wrong("RUNWARE_API_KEY", "the provider refuses this key", "copy it once more from my.runware.ai")]
    except OutOfCredit:
        return [wrong("balance", "the provider says that the account is out of credit", TOP_UP)]
    except RunwareError as error:
        mend = "look at this machine's network, and at the provider's status page; jobs wait until it answers"
        return [wrong("provider", f"it does not answer as it should: {type(error).__name__}", mend)]
    accepted = ok("RUNWARE_API_KEY", "the provider accepts it")
    if account.balance is None:
        return [accepted, look("balance", "the provider does not say what is left")]
    says = f"{account.balance} are left at the provider"
    return [accepted, ok("balance", says) if account.balance >= LITTLE else look("balance", says, TOP_UP)]


async def check_prices(http: httpx.AsyncClient, settings: Settings, today: date) -> Iterable[Finding]:
    """What the provider publishes of prices against ours. Public: no key is sent."""
    url, ours = settings.runware_content_url + prices.PATH, price_list(today)
    by_hand = f"compare {ours.source} with the README's tables"
    try:
        async with http.stream("GET", url) as response:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MOST_OF_A_PAGE:
                    break
        answer = _json(bytes(body)) if response.status_code == 200 else None
    except httpx.HTTPError as error:
        return [look("prices", f"{url} cannot be read ({type(error).__name__}), so nothing was compared", by_hand)]
    if response.status_code != 200:
        return [look("prices", f"{url} answers HTTP {response.status_code}, so nothing was compared", by_hand)]
    return prices.compare(answer, ours, source=url)


def _json(body: bytes) -> Any:
    try:
        return httpx.Response(200, content=body).json()
    except (ValueError, RecursionError):
        return None

"""No key, no token of an interaction and no signature is anywhere that it could be read.

The bot runs end to end, at its most talkative, with faults that put all of these into exceptions; then its log, its
messages, its database and its files are searched.
"""

import asyncio
import json
import os
from pathlib import Path

from sandbox.faults import Fault
from tests.bot.tool import tool
from tests.cogs.ordering import ask, attached, clip
from tests.house import ANSWER, EDIT, POST, House, open_house

ENDPOINT = "https://store.example/put?sig=canary-endpoint-31aa"
HTML = {"Content-Type": "text/html"}


def secrets_of(house: House) -> dict[str, str]:
    """What must be nowhere, by what it is."""
    tokens = {f"the token of interaction {one.id}": one.token for one in house.discord.interactions.values()}
    assert len(tokens) >= 5
    return {
        "the bot's token": house.discord.token,
        "the provider's key": house.runware.key,
        "the upload endpoint": "canary-endpoint-31aa",
        **tokens,
    }


async def meet_faults(house: House) -> None:
    """All that has a secret in its address, headers or body goes wrong once; the provider repeats the key."""
    key = house.runware.key
    refusal = {"code": "invalidApiKey", "message": f"Bearer {key} is no key", "parameter": key}
    ada, room = house.member(), house.channel()
    for operation in (ANSWER, POST, EDIT, "PATCH /webhooks/{application}/{token}/messages/{message}"):
        house.discord.faults.add(operation, Fault(status=200, body=b"<html>", headers=HTML))
        house.discord.faults.add(operation, Fault(takes_effect=True))
    house.runware.faults.add("videoInference", Fault(status=500, body=json.dumps({"errors": [refusal]}).encode()))
    house.runware.faults.add("videoInference", Fault(status=401, body=json.dumps({"errors": [refusal]}).encode()))
    house.runware.faults.add("getResponse", Fault(status=502, body=f"<html>{key}".encode()))
    house.discord.faults.add("GET /cdn", Fault(status=403))
    for n in range(6):
        use = await ada.command("generate", {"prompt": f"A fox {n}", "resolution": "360p"}, channel=room)
        await asyncio.sleep(0.2)
        card = next((message for message in use.messages if message.buttons), None)
        if card is not None:
            await ada.click(card, "Confirm")
    await ask(house, house.member(), room, "edit", {"video": attached(ada, clip(160, 96, 2_000_000))})
    await asyncio.sleep(1)


async def test_no_secret_is_anywhere(tmp_path: Path) -> None:
    async with open_house(
        tmp_path, LOG_LEVEL="DEBUG", UPLOAD_ENDPOINT=ENDPOINT, DEFAULT_MEMBER_LIMIT="unlimited"
    ) as house:
        house.explained |= {"bug", "acknowledged", "stands", "was posted", "not acknowledged"}
        await meet_faults(house)
        house.discord.faults.clear()
        house.runware.faults.clear()
        await house.buy(house.member(), house.channel())
        given = house.sandbox.settings(house.database, UPLOAD_ENDPOINT=ENDPOINT)
        said = [await tool(module, given, tmp_path) for module in ("bot.doctor", "bot.backup")]
        log = "\n".join(house.bot.log)
        assert "Traceback" in log or "WARNING" in log, "nothing went wrong"
        written = {
            "the log": log.encode(),
            "what doctor and backup say": "".join(one.out + one.error for one in said).encode(),
            "messages": "\n".join(message.text for message in house.discord.world.messages.values()).encode(),
            **{
                str(path.relative_to(tmp_path)): path.read_bytes()
                for folder, _, names in os.walk(tmp_path)
                for path in (Path(folder) / name for name in names)
            },
        }
        assert sum(name.endswith(".backup.db") for name in written) == 1
        found = [
            f"{what} in {where}"
            for what, secret in secrets_of(house).items()
            for where, content in written.items()
            if secret.encode() in content
            # a job's body names the endpoint to which the provider is to put it: the database is its owner's alone
            and not (what == "the upload endpoint" and ".db" in where)
        ]
        assert found == []

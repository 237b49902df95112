# A test blocks on its own small files and on nothing else:
# ruff: noqa: ASYNC240
"""What tests of downloads share: hosts that may be asked, a name server, and a look at a refusal."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.fetch import MAY_PASS, Downloads, Unfetchable
from bot.hosts import Hosts, parse_hosts
from tests.web import Web

MB = 10**6
ANYWHERE = parse_hosts("")
PUBLIC, ALSO_PUBLIC = "8.8.8.8", "2606:4700::1111"


def only(*webs: Web) -> Hosts:
    return Hosts((), frozenset(web.origin for web in webs))


class Names:
    """A name server: what each name leads to, answer by answer, the last one again and again."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def refused(
    downloads: Downloads, url: str, into: Path, hosts: Hosts, *, most: int = MB, seconds: float = 10
) -> str:
    """The reason, after a look at what a refusal must not leave or say."""
    with pytest.raises(Unfetchable) as unfetchable:
        async with asyncio.timeout(seconds + 5):
            await downloads.fetch(url, into, hosts=hosts, most=most, seconds=seconds)
    assert not into.exists()
    assert "example" not in unfetchable.value.says
    assert "127.0" not in unfetchable.value.says
    assert unfetchable.value.may_pass == (unfetchable.value.reason in MAY_PASS)
    return unfetchable.value.reason

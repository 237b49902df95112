"""What a message shows that a video can be made from: its attachments, its previews, its links, in this order.

Only what the message says of them counts here; nothing is fetched. What a file really is, and whether its link may
be followed, is asked again when it is taken in.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import discord

from bot.hosts import Hosts
from bot.words.speech import say
from cogs.prompt import plain
from storage.targets import MOST_OF_A_LINK, MOST_OF_A_NAME, Medium

Kind: TypeAlias = Literal["image", "video"]
Shown: TypeAlias = discord.Message | discord.MessageSnapshot

ENDINGS: Final[dict[Kind, tuple[str, ...]]] = {
    "image": (".png", ".jpg", ".jpeg", ".webp"),
    "video": (".mp4", ".mov", ".webm"),
}
"""What can be taken in, by how its name ends. A link that ends otherwise leads to a page, as far as one can see."""

_LINK: Final = re.compile(r"https?://[^\s<>]+")
_AFTER_A_LINK: Final = "|)]}.,;:!?*_~`'\""  # sentences and markdown go on behind a link
_MENTION: Final = re.compile(r"<(?:@[!&]?|#|a?:\w+:|/[^:>]+:)\d+>")


def media(message: discord.Message, kind: Kind, *, attachments: Hosts, links: Hosts) -> list[Medium]:
    """Each picture or video once. `attachments`, `links`: the hosts that may be asked for such. A forwarded message
    shows what is in it."""
    found: dict[str, Medium] = {}
    for shown in (message, *message.message_snapshots):
        for each in _media(shown, kind):
            each = replace(each, is_attachment=attachments.admit(each.url))
            if len(each.url) <= MOST_OF_A_LINK and (each.is_attachment or links.admit(each.url)):
                found.setdefault(each.url, each)
    return list(found.values())


def words(message: discord.Message) -> str:
    """What somebody wrote, as the beginning of a prompt: without links and mentions; nothing of what bots write."""
    if message.author.bot:
        return ""
    left = _MENTION.sub(" ", _LINK.sub(" ", message.content)).replace("<>", " ").replace("< >", " ")
    return "\n".join(" ".join(line.split()) for line in left.splitlines()).strip()


def _media(shown: Shown, kind: Kind) -> Iterator[Medium]:
    for attachment in shown.attachments:
        told = (attachment.content_type or "").partition("/")[0]
        if _ends(attachment.filename, kind) or told == kind:
            name = plain(attachment.filename, MOST_OF_A_NAME)
            yield Medium(attachment.url, name, False, attachment.width or 0, attachment.height or 0)
    for embed in shown.embeds:
        yield from _of_embed(embed, kind)
    for link in _LINK.findall(shown.content or ""):
        url = str(link).rstrip(_AFTER_A_LINK)
        if _ends(urlsplit(url).path if _can_be_split(url) else "", kind):
            yield Medium(url, _name(url), False)


def _of_embed(embed: discord.Embed, kind: Kind) -> Iterator[Medium]:
    """A preview. The player of a site such as YouTube is a page; a GIF's is a file, and so is a bare link's."""
    if kind == "image":
        previews = (embed.image, embed.thumbnail) if embed.type != "video" else ()
    else:
        is_file = embed.type == "gifv" or embed.provider.name is None
        previews = (embed.video,) if is_file else ()
    for preview in previews:
        if preview.url:
            yield Medium(preview.url, _name(preview.url), False, preview.width or 0, preview.height or 0)


def _can_be_split(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _ends(name: str, kind: Kind) -> bool:
    return name.lower().endswith(ENDINGS[kind])


def _name(url: str) -> str:
    """`fox.png (files.example)`"""
    if not _can_be_split(url):
        return plain(url, MOST_OF_A_NAME)
    parts = urlsplit(url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2]) or say("forms.unnamed_file")
    where = plain(parts.hostname or "", MOST_OF_A_NAME // 2)
    return f"{plain(last, MOST_OF_A_NAME // 2 - 3)} ({where})"

"""What cannot be done, and what can instead."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    "not_in_a_server": "I work in servers only. Please use /generate in a channel of your server.",
    "server_not_allowed": (
        "I am not set up for this server, so nothing was done. Please ask whoever runs this bot to add the "
        "server's id, `{server}`, to ALLOWED_SERVERS."
    ),
    "cannot_post_here": (
        "I could not post your video in this channel: I lack {permissions} here. Nothing was bought. "
        "Please ask the server's staff to allow that, or use another channel."
    ),
    # permissions, as Discord's client names them
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
    "attach_files": "Attach Files",
    "interrupted": (
        "I am being restarted. What you have confirmed goes on by itself. "
        "For anything else, please ask again in a minute."
    ),
    "unknown_button": (
        "This button does not work any more, and nothing has changed. "
        "/jobs shows your videos, and /generate starts a new one."
    ),
    "outdated_command": (
        "Your Discord shows an older form of this command, so nothing was done. "
        "Please restart Discord (on a computer: Ctrl+R) and try again."
    ),
    "unreadable": (
        "What was chosen for `{option}` is not here any more, or cannot be read, so nothing was done. "
        "Please choose it again, or restart Discord (on a computer: Ctrl+R) if it is still offered."
    ),
    "cannot_write": (
        "I cannot write anything down just now, so nothing was bought or changed. "
        "Please try again in a few minutes."
    ),
    "answer_not_taken": (
        "Discord did not take my answer. /jobs shows whether anything was bought; for the rest, please ask again."
    ),
    "bug": (
        "Something went wrong on my side. /jobs shows whether anything was bought. "
        "If it happens again, tell whoever runs this bot: reference `{reference}`."
    ),
}

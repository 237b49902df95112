"""What is wrong with a picture, a video or a link."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # files; nothing of one goes into a sentence but numbers
    "empty": "That file is empty. Save a new copy of it and send that.",
    "truncated": "That file stops in the middle, as when an upload is cut off. Please send it again.",
    "unknown": "That is not a file that I can use. Send a PNG, JPEG or WebP image, or an MP4, MOV or WebM video.",
    "damaged": "That file cannot be read: it is damaged or unusual. "
    "Open it in an app, export it as PNG or as MP4 (H.264), and send that.",
    "unreadable": "I could not open that file. Please send it again.",
    "playlist": "That is a playlist, a list of other files. Send the video itself, as MP4, MOV or WebM.",
    "svg": "That is an SVG drawing. Export it as PNG and send that.",
    "gif": "A GIF does not work here. Send it as MP4 if it moves, and as PNG if it does not.",
    "animated": "That image moves. Send it as MP4, or one picture of it as PNG.",
    "heif": "HEIC and AVIF images do not work here. Export it as JPEG and send that.",
    "container": "That kind of video file does not work here. Export it as MP4 (H.264) and send that.",
    "codec": "The picture in that video is stored in a way that I cannot read. "
    "Export it as MP4 (H.264) and send that.",
    "audio_only": "That file has sound but no picture. Send an MP4, MOV or WebM video.",
    "endless": "That video does not say how long it lasts, which its price depends on. "
    "Export it as MP4 (H.264) and send that.",
    "lying": "That video claims to last {stated} s, but what is in it lasts {found} s. "
    "Export it as MP4 (H.264) and send that.",
    "tracks": "That video has more than {tracks} tracks. Export it as MP4 (H.264) and send that.",
    "silent": "That video has no sound to keep. Send one that has, or do without its sound.",
    "sound": "The sound in that video is stored in a way that I cannot read. "
    "Export it as MP4 (H.264 with AAC) and send that.",
    "unlike": "Those two videos are stored in different ways, so they cannot be joined as they are. "
    "Export both in one way and send them again, or put one after the other in an editor.",
    "no_room": "I have no room for that video just now. Please send it again in a while.",
    "large_image": "That image has {width}×{height} pixels, and {millions} million (and {side} on a side) are the "
    "most. Make it smaller, 2000 pixels on the longer side is plenty, and send it again.",
    "large_video": "That video has {width}×{height} pixels, and 4K is the most. "
    "Export it at 1080p, which is the most that Ray3.2 makes, and send that.",
    "heavy": "That file needs too much memory to open. "
    "Make it smaller, or export it as PNG or as MP4 (H.264), and send that.",
    "slow": "That file took too long to read. Make it shorter or smaller, "
    "or export it as PNG or as MP4 (H.264), and send that.",
    "not_an_image": "That is a video, and an image belongs here. Send a PNG, JPEG or WebP image.",
    "not_a_video": "That is an image, and a video belongs here. Send an MP4, MOV or WebM video.",
    "long": "That video lasts {length} s, and {most} s is the most. Trim it and send it again.",
    "short": "That video lasts {length} s, and {least} s is the least. Send a longer one.",
    # links; nothing of one goes into a sentence
    "link": "That is not a link that I can open. Send one that begins with https://, or attach the file.",
    "link_place": "I do not fetch files from that address. Save the file and attach it.",
    "link_port": "I do not open links with a port number. Save the file and attach it.",
    "link_onward": "That link leads on to an address that I do not open. "
    "Open it in your browser, save the file and attach it.",
    "link_redirects": "That link leads from one address to the next and never arrives. "
    "Open it in your browser, save the file and attach it.",
    "link_expired": "That link has expired or needs a login. Copy it once more, or attach the file.",
    "link_answer": "That link did not give me a file. Open it in your browser, save the file and attach it.",
    "link_large": "That file is too large: {most} MB is the most. Make it shorter or smaller and send it again.",
    "link_slow": "That file took too long to arrive. Try again in a minute, or attach the file.",
    "link_silent": "The host of that link did not answer. Try again in a minute, or attach the file.",
    "link_busy": "Too many files are arriving at once. Try again in a minute.",
    # keeping them
    "gone": "I no longer have this file. Please send it again.",
    "too_much": "The files of one request may have {most} MB together, and these have more. "
    "Make them smaller and send them again.",
    "cannot_keep": "I cannot store your files just now, so nothing was bought. Please try again in a quarter of an "
    "hour; if it stays so, tell whoever runs this bot.",
}

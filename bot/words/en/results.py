"""A finished video's message, its buttons, and what they open."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # Its message
    "ready": "<@{member}> Your video is ready: {about} · {cost}",
    "one_is_ready": "<@{member}> Video {n} of {count} is ready: {about} · {cost}",
    "about_cost": "about {cost}",
    "late": "{cost}, late: this server's staff had ended the job, so you pay nothing more",
    "more_than_quote": "{cost}, of which you pay no more than your quote of {hold}",
    "elsewhere": "I could not post it in <#{channel}>, so here it is:",
    "withheld_elsewhere": "I could not post this in <#{channel}>.",
    "attached": "Attached. The provider's own file, for as long as it is kept there: <{link}>",
    "attached_until": "Attached. The provider's own file, kept there until {until} at least: <{link}>",
    "with_sound": "Attached with its sound. The provider's own file is silent: <{link}>",
    "silent": (
        "Attached. Its sound could not be put back, so this is the provider's own file, which is silent. "
        "Your own video still has the sound, for an editor to lay over it: <{link}>"
    ),
    "sound_missing": (
        "Its sound could not be put back, so this is the provider's own file, which is silent. "
        "Your own video still has the sound, for an editor to lay over it:"
    ),
    "sound_forbidden": (
        "I may not attach files here, so this is the provider's own file, which is silent. "
        "In a channel where I may, edit it again, or ask the server's staff to allow Attach Files:"
    ),
    "sound_large": (
        "With its sound the file is larger than this server takes, so this is the provider's own file, "
        "which is silent. A smaller resolution fits better:"
    ),
    "joined": "Attached: the whole film, with the new clip at its end. The new clip alone: <{link}>",
    "not_joined_unlike": (
        "This is the new clip alone: it is stored in another way than the film before it, so the two cannot "
        "be joined as they are. An editor can put one after the other."
    ),
    "not_joined_gone": "This is the new clip alone: the film before it is not here any more.",
    "not_joined_large": (
        "This is the new clip alone: joined with the film before it, the file is larger than may be attached "
        "here. An editor can put one after the other."
    ),
    "not_joined_failed": (
        "This is the new clip alone: it could not be joined with the film before it just now. "
        "Post again, in /jobs, tries once more."
    ),
    "works_until": "This link works until {until} at least. Save the video if you want to keep it.",
    "more_links": "The other links are in the file, and under Details.",
    "more_under_details": "Press Details for the other links.",
    "link_under_details": "Its link is too long for a message. Press Details for it.",
    "withheld": (
        "The provider's check says that it is not for everybody, so I do not show it here. It is kept: use "
        "/jobs in an age-restricted channel of your server to open it."
    ),
    "withheld_again": (
        "Video {n} is not for everybody, so I do not show it here. Use /jobs in an age-restricted channel to open "
        "it."
    ),
    # Posted again
    "button_post_again": "Post {job} again",
    "again": {
        "one": "The video of <@{member}>, once more: {about}",
        "other": "The videos of <@{member}>, once more: {about}",
    },
    "number_gone": "Video {n} is not here any more, and the provider's link to it has expired.",
    "links_in_file": "The links are in the file, and under Details.",
    "links_under_details": "Press Details for the links.",
    "posted_again": "Posted again: {link}",
    "sent_again": "I could not post it in <#{channel}>, so <@{member}> has it as a direct message.",
    "posted_later": (
        "Discord does not take it just now. It is posted as soon as Discord does; nothing else is to be done."
    ),
    "for_you_alone": (
        "I could neither post it in <#{channel}> nor send it as a direct message. Here it is, for you alone; "
        "save it if you want to keep it."
    ),
    "again_too_often": "Enough was posted again for now, so nothing was done. The next one can be {at}.",
    "deleted_by_staff": (
        "This server's staff have deleted this video, so it is not posted again. Please ask them about it."
    ),
    "not_finished": (
        "This job has no finished video yet, so there is nothing to post again. /jobs shows how it goes."
    ),
    "on_its_way": "Its video is on its way already. Please give it a minute; /jobs then links to it.",
    "gone": (
        "I am sorry: this video is not here any more. I keep videos for {days} days while there is room, and "
        "the provider's link does not lead to it any more. The same prompt in /generate makes a new one."
    ),
    # Going on from it
    "button_again": "Again",
    "button_remix": "Remix",
    "button_continue": "Continue",
    "button_more": "More…",
    "button_edit": "Edit",
    "button_reframe": "Reframe",
    "button_bigger": "Bigger: {resolution}",
    "what_next": "What shall become of this video? You see the price first; nothing is bought by these buttons.",
    "nothing_next": "This server's staff allow nothing more to be made of this video. Please ask them about it.",
    "new_take": (
        "A new take at {resolution}: the model cannot make the same video twice, so this one will look different."
    ),
    "goes_on": (
        "The new clip begins with the last frame of this video, and I join the two when it is ready. "
        "The prompt is that of the video so far."
    ),
    "ends_anew": (
        "This is the new clip of a film once more, and I join it to what came before it when it is ready: "
        "another end for the same film."
    ),
    "alone": (
        "This is the new clip of a film once more, and it comes alone: the film before it is not here any more."
    ),
    "alone_larger": "It comes alone: the film before it is smaller, so the two cannot be joined.",
    "of_the_clip": (
        "This is about the new clip alone, and not about the film before it. For the whole film, save it and send "
        "it with {command} as video."
    ),
    "not_bigger": (
        "This cannot be made any larger: 1080p is the most, and some requests do not work there. "
        "Remix makes another one of the same size."
    ),
    "no_still": (
        "An HDR video cannot be continued: its last frame would lose its range. Make it without HDR, and continue "
        "that."
    ),
    "in_private": (
        "I can do this in the server only. There, /jobs posts this video again with the same buttons, "
        "and /edit and /reframe take `{job}.{n}` as their result."
    ),
    "withheld_here": (
        "The provider's check flags this video, so it is shown in age-restricted channels alone, and nothing was "
        "done. In one of those /jobs links to it, and /edit and /reframe take `{job}.{n}` as their result."
    ),
    "is_deleted": (
        "This video is deleted, so nothing was done. Whoever asked for it, and this server's staff, can still go "
        "on from it."
    ),
    "video_gone": (
        "I am sorry: this video is not here any more, and the provider's link does not lead to it any more. If you "
        "saved it, send the file: as video to /edit or /reframe, or a picture of its last frame to /generate."
    ),
    "not_now": "This video could not be fetched just now, and nothing was done. Please try again in a minute.",
    "too_large": (
        "This video has more than the {megabytes} MB that I may take in. Save it, make it smaller, and send that "
        "with /edit, /reframe or /generate."
    ),
    "pictures_gone": (
        "The pictures that this was made from are not here any more. If you have them, attach them to /generate; "
        "Details has the prompt to copy."
    ),
    "source_gone": (
        "The video that this was made from is not here any more. If you have it, send it with {command}; "
        "Details has the prompt to copy."
    ),
    # Deleting its messages
    "button_delete": "Delete…",
    "button_delete_it": "Delete it",
    "sure_to_delete": {
        "one": "This deletes the message with this video for everybody. What it cost stays in the books, and /jobs "
        "can post the video again for as long as I have it. Delete?",
        "other": "This deletes the {n} messages with this video for everybody. What it cost stays in the books, "
        "and /jobs can post the video again for as long as I have it. Delete?",
    },
    "sure_to_delete_anothers": {
        "one": "This deletes the message with this video for everybody, and <@{member}> can no longer post the "
        "video again. What it cost stays in the books. Delete?",
        "other": "This deletes the {n} messages with this video for everybody, and <@{member}> can no longer post "
        "the video again. What it cost stays in the books. Delete?",
    },
    "deleted": "Deleted. The books stay as they are, and /jobs can post it again for as long as I have it.",
    "deleted_anothers": "Deleted. The books stay as they are, and only staff can have it posted again.",
    "not_deleted": {
        "one": "Discord did not let me delete the message with this video: I may not see the channel any more, or "
        "its thread is closed. Whoever manages messages there can delete it by hand.",
        "other": "Discord did not let me delete the {n} messages with this video: I may not see the channel any "
        "more, or its thread is closed. Whoever manages messages there can delete it by hand.",
    },
    "deleted_later": {
        "one": "Discord does not answer just now, and the message with this video may still be there. Please try "
        "again in a minute.",
        "other": "Discord does not answer just now, and the {n} messages with this video may still be there. "
        "Please try again in a minute.",
    },
    "nothing_to_delete": "This video stands in no message of mine any more, so there is nothing to delete.",
}

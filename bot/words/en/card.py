"""The quote card, its menus, and what stands in its place where a limit refuses."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # The card
    "heading": {"one": "{price} for this video", "other": "{price} for these {n} videos"},
    "heading_at_most": {"one": "Up to {price} for this video", "other": "Up to {price} for these {n} videos"},
    "up_to": "up to {price}",
    "whole_prompt": "The whole prompt is in prompt.txt.",
    "field_price": "Price",
    "price_line": "{what}: **{amount}**",
    "price_line_times": "{what}: {each} × {times} = **{amount}**",
    "field_left": "Left after this",
    "field_nothing_bought": "Nothing is bought yet",
    "confirm_buys": "Confirm buys it once. Valid until {until}.",
    "field_note_price": "A note on this price",
    "at_most": (
        "For videos of more than 10 s the provider states no price: this is the most that it can be. "
        "You pay what it really costs, and never more than this."
    ),
    "observed": (
        "This is not the price that the provider states: it is what it billed for this the last time. "
        "You never pay more than this quote."
    ),
    "inferred": (
        "The provider does not state this figure, so it is worked out from its others. "
        "You never pay more than this quote."
    ),
    "field_pay_less": "A way to pay less",
    "trim": (
        "Your video lasts {seconds} s. Trimmed to exactly 5.000 s it costs **{price}** instead of **{now}**. "
        "Press Trim for that, or Confirm for the whole video."
    ),
    "field_note_sound": "A note on its sound",
    "no_sound_here": (
        "I may not attach files in this channel, so the video would be posted without its sound. "
        "Ask the server's staff to allow Attach Files, or leave keep_sound off."
    ),
    "field_note_exr": "A note on EXR",
    "exr_unproven": (
        "How the EXR sequence comes has not been seen from the live service yet. Its link is posted if it comes "
        "beside the video; for the video alone, leave EXR off."
    ),
    "field_note_placement": "A note on the placement",
    "placement_unproven": (
        "Where exactly the provider puts your video has not been seen from the live service yet. "
        "Try it at 360p first, or leave the placement out: your video then stands in the middle."
    ),
    # Buttons, and what they do
    "button_confirm": "Confirm",
    "button_edit": "Edit",
    "button_cancel": "Cancel",
    "button_trim": "Trim to 5.000 s: {price}",
    "button_confirm_again": "Confirm again · {price}",
    "confirmed": "Confirmed, and {price} is on hold for it. The progress message below keeps you posted.",
    "cannot_post": (
        "I could not post in this channel, so nothing was bought and nothing is on hold. "
        "Please try another channel, or ask the server's staff to let me write here."
    ),
    "cancelled": "Cancelled. Nothing was bought.",
    "trimming": (
        "Trimming your video to exactly 5.000 s. This may take a minute; if nothing comes, ask again with /edit…"
    ),
    "trimmed": "Trimmed. Nothing is bought yet; this is the price now:",
    "not_trimmed": "The video could not be trimmed, and nothing was bought. Please ask again with /edit.",
    "nothing_to_trim": "This quote has no video that could be trimmed, so nothing was changed.",
    # Menus, and changes
    "hint_resolution": "Resolution",
    "hint_shape": "Shape",
    "hint_duration": "Duration",
    "hint_strength": "Strength",
    "hint_placement": "Placement",
    "hint_count": "Number",
    "option_9_16": "9:16, upright",
    "option_3_4": "3:4, upright",
    "option_1_1": "1:1, square",
    "option_4_3": "4:3, across",
    "option_16_9": "16:9, wide",
    "option_21_9": "21:9, very wide",
    "option_duration": {"one": "{n} second", "other": "{n} seconds"},
    "option_automatic": "automatic strength",
    "option_own_conditioning": "your own conditioning",
    "option_strength": "strength {strength}",
    "option_own_placement": "placed as you gave it",
    "option_fit": "placed to fit, in the middle",
    "option_left": "placed at the left",
    "option_right": "placed at the right",
    "option_top": "placed at the top",
    "option_bottom": "placed at the bottom",
    "option_smaller": "placed smaller, in the middle",
    "field_changed": "{what}: {was} → {now}",
    "field_prompt_changed": "The prompt is changed",
    "new_price": "**{now}** instead of {was}.",
    "same_price": "The price stays **{now}**.",
    "not_offered": "This cannot be chosen here, so nothing was changed. Please choose what the menus offer.",
    "changed_meanwhile": (
        "Your card was changed or cancelled before this came, so this changed nothing. Your card shows what is so "
        "now."
    ),
    "still_so": "Your quote is as it was before.",
    "written": "What you wrote is in {file}, so that it is not lost.",
    # Instead of a card
    "these_fit": "These fit. A button opens its quote, and nothing is bought by that:",
    "trim_fits": "Trimmed to its first 5.000 s it costs {price}, which fits: press Trim for that quote.",
    "still_open": "Nothing was bought. Your quote is valid until {until}: Confirm again works once there is room.",
    "still_open_frozen": (
        "Your quote is valid until {until}: Confirm again works if they let new videos in before that."
    ),
    "button_near": "{what} · {price}",
    "near_duration": "5 s",
    "near_exr": "without EXR",
    "near_hdr": "without HDR",
    "near_count": "one video",
}

"""What is wrong with a request. Each follows the name of its option."""

from collections.abc import Mapping
from typing import Final

from bot.words.catalogue import Sentence

WORDS: Final[Mapping[str, Sentence]] = {
    # lists, such as “720p, 540p or 360p”: `first` are all but the last, with commas
    "one_of": "{first} or {last}",
    "all_of": "{first} and {last}",
    # around the problems, a line each
    "invalid": "This cannot be made as it is, so nothing was bought:",
    "not_allowed": "This server's staff do not allow it like that, so nothing was bought:",
    # values that there are not
    "no_value": "cannot be “{value}”.",
    "no_value_to_show": "cannot be like that.",
    "choose": "Choose {allowed}.",
    "choose_whole": "Choose a whole number from {least} to {most}.",
    "choose_number": "Choose a number from {least} to {most}, such as 0.5.",
    "choose_number_above": "Choose a number more than {least} and at most {most}, such as 0.5.",
    "unfit_frames": "or another picture was not understood. Attach them again, with moments in seconds.",
    "unfit_video": "was not understood. Attach it again.",
    "unfit_placement": "was not understood. Choose one that is offered, or four fractions.",
    "unfit_guide": "was not understood. Attach the picture again.",
    "file_unusable": "cannot be used. {why}",
    "prompt_no_text": "is not a text. Say in a sentence or two what the video should show.",
    "prompt_empty": "is empty. Say in a sentence or two what the video should show.",
    "prompt_long": "has {length} characters, and {most} is the most. Shorten it by {excess}.",
    # what cannot be combined
    "hdr_10_s": "works for 5 s, not for 10 s. Choose a duration of 5, or leave HDR off.",
    "loop_10_s": "works for 5 s, not for 10 s. Choose a duration of 5, or leave loop off.",
    "loop_hdr": "cannot be combined with HDR. Leave one of the two off.",
    "hdr_resolution": "works at 720p and 1080p, not at {resolution}. Choose 720p, or leave HDR off.",
    "exr_alone": "is an extra of HDR. Turn hdr on too, at 720p or 1080p, or leave EXR off.",
    "no_first_frame": "is missing. Attach a picture, or make a video from words alone.",
    "automatic_with": "cannot be combined with {chosen}. Leave one or the other out.",
    # what the maker of the model refuses
    "ends_5_s": "is 5 with a first or last frame. Choose 5, or give the pictures as keyframes, which may last 10 "
    "s.",
    "ends_or_keyframes": "cannot be combined with first_frame or last_frame. Give all pictures as keyframes, the "
    "first at 0.",
    "many_keyframes": "and its like are {number}, and {most} are the most. Leave some out.",
    "moments_outside": "must lie between 0 and {seconds} s. Choose moments inside the video.",
    "moments_same": "of two pictures are the same. Put at least 0.05 s between them.",
    "loop_pictures": "works with a first frame alone. Leave the other pictures out, or loop off.",
    "tall_reframe": "1080p is not available for a reframe to {aspect_ratio}. Choose 720p.",
    "same_shape": "{aspect_ratio} is the shape that this video has already, so there is nothing to fill. Choose "
    "another one, or placement smaller.",
    "long_video": "lasts {seconds} s, and {most} s is the most here. Trim it and send it again.",
    # what a server does not allow
    "kind_not_allowed": "this server does not allow {kind}. It allows {allowed}.",
    "kind_text": "videos from words alone",
    "kind_image": "videos with pictures",
    "kind_edit": "edits",
    "kind_reframe": "reframes",
    "blocked_words": "has {words}, which this server does not allow. Please say it in other words.",
    "resolution_not_allowed": "cannot be {resolution} in this server. Choose {allowed}.",
    "safety_not_allowed": "cannot be {safety} in this server. Choose {allowed}, or leave it out.",
    # what is priced
    "priced_video": "{resolution} video, {seconds} s",
    "priced_edit": "{resolution} edit, up to {seconds} s",
    "priced_long_edit": "{resolution} edit, {seconds} s",
    "priced_reframe": "{resolution} reframe",
    "priced_reframe_of": "{resolution} reframe, {seconds} s at {rate} a second",
    # the picture of what it is made from, for whoever does not see it
    "seen_canvas": "The new {aspect_ratio} canvas.",
    "seen_middle": "Your video stands in the middle, as large as it goes in.",
    "seen_place": "Your video stands from {left} to {right} of its width, and from {top} to {bottom} of its "
    "height.",
    "seen_cut": "What lies outside is cut off.",
    "seen_nothing_left": "Nothing is left to be filled.",
    "seen_rest": "The hatched rest is filled.",
    "seen_video": "The first frame of your video.",
    "seen_video_and_guide": "The first frame of your video, and the picture that guides it.",
    "seen_in_order": "In order: {frames}.",
    "seen_first": "the first frame",
    "seen_last": "the last frame",
    "seen_keyframe": "keyframe at {seconds} s",
}

"""The rules that Discord has and its published OpenAPI description has not: one small function each, named.

Each reads a payload and yields problems; where a value has the wrong type it says nothing, since the forms do.
The forms (forms.py, component_form.py, command_form.py) have the types and limits of single fields, and call these.
Source: facts/discord.md, parts 2 and 5.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from sandbox.discord.component import LEGACY, TOP_LEVEL, Type, kind_of, walk
from sandbox.discord.errors import Problem
from sandbox.discord.message import Flag
from sandbox.discord.wire import Object, is_list, is_object, is_whole

CONTENT_MOST = 2000
EMBED_TEXT_MOST = 6000
LEGACY_ROWS_MOST = 5
V2_COMPONENTS_MOST = 40
V2_TEXT_MOST = 4000
COMMANDS_MOST = 100
CONTEXT_MENUS_MOST = 15
COMMAND_TEXT_MOST = 8000
MODAL_COMPONENTS_MOST = 5


def objects(payload: Object, key: str) -> list[Object]:
    """The objects in the list `payload[key]`; none when it is no list."""
    value = payload.get(key)
    return [each for each in value if is_object(each)] if is_list(value) else []


def flags_of(payload: Object) -> Flag:
    """The message flags of a payload."""
    value = payload.get("flags")
    return Flag(value if isinstance(value, int) and value >= 0 else 0)


def content_is_2000_characters(payload: Object) -> Iterator[Problem]:
    """The description allows 4,000 where bots have 2,000."""
    content = payload.get("content")
    if isinstance(content, str) and len(content) > CONTENT_MOST:
        yield Problem(("content",), "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_MOST} or fewer in length.")


def embeds_share_6000_characters(payload: Object) -> Iterator[Problem]:
    """All embeds of a message together."""
    total = sum(map(_embed_length, objects(payload, "embeds")))
    if total > EMBED_TEXT_MOST:
        message = f"Embed size exceeds maximum size of {EMBED_TEXT_MOST}"
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def five_rows_without_v2(payload: Object) -> Iterator[Problem]:
    """A message without the V2 flag has at most five rows."""
    rows = objects(payload, "components")
    if not flags_of(payload) & Flag.IS_COMPONENTS_V2 and len(rows) > LEGACY_ROWS_MOST:
        message = f"Must be between 1 and {LEGACY_ROWS_MOST} in length."
        yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", message)


def v2_components_need_the_flag(payload: Object) -> Iterator[Problem]:
    """What may stand at the top of a message depends on the flag."""
    allowed = TOP_LEVEL if flags_of(payload) & Flag.IS_COMPONENTS_V2 else LEGACY
    for index, component in enumerate(objects(payload, "components")):
        if kind_of(component) not in allowed:
            message = f'Value of field "type" must be one of {tuple(sorted(map(int, allowed)))}.'
            yield Problem(("components", index), "UNION_TYPE_CHOICES", message)


def v2_stands_alone(payload: Object) -> Iterator[Problem]:
    """With the V2 flag there is no content, embed, poll or sticker."""
    if flags_of(payload) & Flag.IS_COMPONENTS_V2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if payload.get(key):
                message = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                yield Problem((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message)


def v2_has_40_components_and_4000_characters(payload: Object) -> Iterator[Problem]:
    """Counted over all levels."""
    if not flags_of(payload) & Flag.IS_COMPONENTS_V2:
        return
    everything = list(walk(objects(payload, "components")))
    if len(everything) > V2_COMPONENTS_MOST:
        message = f"The total number of components must be {V2_COMPONENTS_MOST} or fewer."
        yield Problem(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [component.get("content") for component in everything if component.get("type") == Type.TEXT_DISPLAY]
    if sum(len(text) for text in texts if isinstance(text, str)) > V2_TEXT_MOST:
        message = f"The total text must be {V2_TEXT_MOST} or fewer in length."
        yield Problem(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def custom_ids_are_unique(payload: Object) -> Iterator[Problem]:
    """Within one message or modal."""
    ids = [component.get("custom_id") for component in walk(objects(payload, "components"))]
    counted = Counter(custom_id for custom_id in ids if isinstance(custom_id, str))
    for custom_id, times in counted.items():
        if times > 1:
            message = f"Component custom id cannot be duplicated: {custom_id}"
            yield Problem(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", message)


def a_button_says_where_it_leads(component: Object) -> Iterator[Problem]:
    """A link button has a url and no custom_id, a premium one an sku, every other a custom_id and no url."""
    style = component.get("style")
    needed, foreign = _LEADS.get(style if is_whole(style) else 0, ("custom_id", "url"))
    if component.get(needed) is None:
        message = f"A {needed} is required" if needed == "custom_id" else f"This button needs a {needed}"
        yield Problem((needed,), "BASE_TYPE_REQUIRED", message)
    if component.get(foreign) is not None:
        message = f"A {needed} and {foreign} cannot both be specified"
        yield Problem((foreign,), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    if style != 6 and not component.get("label") and not component.get("emoji"):
        yield Problem((), "BUTTON_COMPONENT_INVALID_LABEL_EMOJI", "A button must have a label or an emoji.")


def a_deferral_may_only_be_ephemeral(data: Object) -> Iterator[Problem]:
    """Callback type 5 takes the EPHEMERAL flag and no other; the V2 flag comes with the edit."""
    if flags_of(data) & ~Flag.EPHEMERAL:
        yield Problem(("data", "flags"), "MESSAGE_FLAGS_INVALID", "Only EPHEMERAL may be set when deferring.")


def a_modal_has_one_to_five_components(data: Object) -> Iterator[Problem]:
    """At its top."""
    if not 1 <= len(objects(data, "components")) <= MODAL_COMPONENTS_MOST:
        message = f"Must be between 1 and {MODAL_COMPONENTS_MOST} in length."
        yield Problem(("components",), "BASE_TYPE_BAD_LENGTH", message)


def mentions_are_parsed_or_listed(payload: Object) -> Iterator[Problem]:
    """allowed_mentions cannot both parse a kind and list ids of it."""
    allowed = payload.get("allowed_mentions")
    if not is_object(allowed):
        return
    parse = allowed.get("parse")
    for kind in ("users", "roles"):
        if is_list(parse) and kind in parse and allowed.get(kind):
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield Problem(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def is_empty(payload: Object, *, files: int = 0) -> bool:
    """Whether a new message would have nothing in it (50006)."""
    content = payload.get("content")
    if isinstance(content, str) and content.strip():
        return False
    return not (files or any(payload.get(key) for key in ("embeds", "components", "sticker_ids", "poll")))


def command_names_are_lower_case(command: Object) -> Iterator[Problem]:
    """Names of slash commands and of options; context menus may have capitals."""
    name = command.get("name")
    if isinstance(name, str) and name != name.lower():
        yield Problem(("name",), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def required_options_come_first(command: Object) -> Iterator[Problem]:
    """No required option after an optional one."""
    optional_seen = False
    for index, option in enumerate(objects(command, "options")):
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            yield Problem(("options", index), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")


def a_slash_command_has_a_description(command: Object) -> Iterator[Problem]:
    """A slash command and every option; a context menu must have none."""
    if not command.get("description"):
        yield Problem(("description",), "BASE_TYPE_REQUIRED", "This field is required")


def at_most_100_commands(commands: Iterable[Object]) -> Iterator[Problem]:
    """100 slash commands, 15 context menus of each kind."""
    kinds = Counter(_kind(command) for command in commands)
    for kind, times in kinds.items():
        most = COMMANDS_MOST if kind == 1 else CONTEXT_MENUS_MOST
        if times > most:
            yield Problem(
                (), "APPLICATION_COMMANDS_MAX", f"Maximum number of application commands reached ({most})."
            )


def command_names_are_unique(commands: Iterable[Object]) -> Iterator[Problem]:
    """Among commands of the same type."""
    seen: set[tuple[object, object]] = set()
    for index, command in enumerate(commands):
        key = (_kind(command), str(command.get("name")))
        if key in seen:
            message = "Application command names must be unique"
            yield Problem((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add(key)


def a_command_has_8000_characters(command: Object) -> Iterator[Problem]:
    """Names, descriptions and string values of a command with all its options; the longest localisation counts."""
    if _command_length(command) > COMMAND_TEXT_MOST:
        message = f"Command exceeds maximum size ({COMMAND_TEXT_MOST})"
        yield Problem((), "APPLICATION_COMMAND_TOO_LARGE", message)


_LEADS = {5: ("url", "custom_id"), 6: ("sku_id", "custom_id")}

MESSAGE_RULES = (
    content_is_2000_characters,
    embeds_share_6000_characters,
    five_rows_without_v2,
    v2_components_need_the_flag,
    v2_stands_alone,
    v2_has_40_components_and_4000_characters,
    custom_ids_are_unique,
    mentions_are_parsed_or_listed,
)
"""What holds for every message, new or edited."""


def _kind(command: Object) -> int:
    kind = command.get("type")
    return kind if is_whole(kind) else 1


def _embed_length(embed: Object) -> int:
    texts = [embed.get("title"), embed.get("description")]
    for key, part in (("footer", "text"), ("author", "name")):
        inner = embed.get(key)
        texts.append(inner.get(part) if is_object(inner) else None)
    for one in objects(embed, "fields"):
        texts += [one.get("name"), one.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def _command_length(part: Object) -> int:
    total = 0
    for key in ("name", "description"):
        localised = part.get(f"{key}_localizations")
        texts = [part.get(key), *(localised.values() if is_object(localised) else ())]
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    for choice in objects(part, "choices"):
        value = choice.get("value")
        total += _command_length(choice) + (len(value) if isinstance(value, str) else 0)
    return total + sum(map(_command_length, objects(part, "options")))

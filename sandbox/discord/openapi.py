"""Requests and answers against Discord's published OpenAPI description. Needs jsonschema-rs.

The description is a preview and may be wrong. One thing in it is: it wants every id of a request as a string, while
Discord reads numbers as well (discord.py sends them in `attachments[].id` and `allowed_mentions.users`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from sandbox.discord.wire import Object, child

_HOLE = re.compile(r"\{[^}]*\}")
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Validation:
    """`problems`: what was wrong with requests; `answer_problems`: with our own answers.

    `validated`: operations whose requests were checked; `unvalidated`: those for which the description has nothing.
    """

    def __init__(self, description: Path) -> None:
        self._description: Object = json.loads(description.read_text())
        self._of_answers: Object = self._description["components"]
        self._of_requests = _admitting_numbers(self._of_answers)
        self._paths = {_HOLE.sub("{}", path): item for path, item in self._description["paths"].items()}
        self._compiled: dict[str, jsonschema_rs.Validator] = {}
        self.problems: list[str] = []
        self.answer_problems: list[str] = []
        self.validated: set[str] = set()
        self.unvalidated: set[str] = set()

    def request(self, method: str, template: str, body: Any, query: Mapping[str, str]) -> None:
        """Check one request. `template`: the route, such as "/channels/{channel}/messages"."""
        operation = f"{method} {template}"
        described = self._operation(method, template)
        wanted = child(described or {}, "requestBody")
        schema = child(child(child(wanted, "content"), "application/json"), "schema")
        if described is None or (body is not None and not schema):
            self.unvalidated.add(operation)
            return
        self.validated.add(operation)
        if body is not None:
            self.problems += self._errors(operation, schema, body, self._of_requests)
        elif wanted.get("required"):
            self.problems.append(f"{operation}: a body is required")
        self.problems += self._query_errors(operation, described, query)

    def answer(self, method: str, template: str, status: int, body: Any) -> None:
        """Check one answer of ours."""
        described = self._operation(method, template)
        response = child(child(described or {}, "responses"), str(status))
        schema = child(child(child(response, "content"), "application/json"), "schema")
        if schema:
            operation = f"{method} {template} -> {status}"
            self.answer_problems += self._errors(operation, schema, body, self._of_answers)

    def _operation(self, method: str, template: str) -> Object | None:
        item = self._paths.get(_HOLE.sub("{}", template), {})
        described = item.get(method.lower())
        if described is None:
            return None
        return {**described, "parameters": [*item.get("parameters", []), *described.get("parameters", [])]}

    def _query_errors(self, operation: str, described: Object, query: Mapping[str, str]) -> Iterator[str]:
        for parameter in described["parameters"]:
            name = parameter.get("name")
            if parameter.get("in") != "query" or name not in query or "schema" not in parameter:
                continue
            readings = list(_readings(query[name]))
            label, components = f"{operation} ?{name}", self._of_requests
            errors = [list(self._errors(label, parameter["schema"], each, components)) for each in readings]
            if all(errors):
                yield errors[0][0]

    def _errors(self, name: str, schema: Object, value: Any, components: Object) -> Iterator[str]:
        validator = self._compiled.get(name)
        if validator is None:
            whole = {"$schema": _DRAFT, **schema, "components": components}
            validator = self._compiled[name] = jsonschema_rs.validator_for(whole)
        for error in validator.iter_errors(value):
            where = "/".join(map(str, error.instance_path))
            yield f"{name}: {where or '(body)'}: {error.message[:300]}"


def _readings(text: str) -> Iterator[Any]:
    """What a query value may mean: the text, a number, a boolean."""
    yield text
    if text.lstrip("-").isdigit():
        yield int(text)
    if text.lower() in ("true", "false", "1", "0"):
        yield text.lower() in ("true", "1")


def _admitting_numbers(components: Object) -> Object:
    """The components, with ids that may be numbers."""
    schemas = components["schemas"]
    snowflake = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    return {**components, "schemas": {**schemas, "SnowflakeType": snowflake}}

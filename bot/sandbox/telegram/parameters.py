"""The parameters of one Bot API call, however they were sent: query, form, JSON or multipart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.telegram.errors import bad_request

TRUE_WORDS = frozenset({"true", "1", "yes", "y", "t"})


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    mime_type: str
    content: bytes


class Parameters:
    """Typed access to what the caller sent; a missing value is None, a malformed one is a 400."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self._values = values
        self._uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string; numbers that came as JSON are written out."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        return json.dumps(value)

    def required_text(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if not value:
            raise bad_request(f"{name} is empty")
        return value

    def integer(self, name: str) -> int | None:
        """A whole number."""
        value = self.text(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except ValueError:
            raise bad_request(f'invalid parameter "{name}": expected an Integer') from None

    def flag(self, name: str) -> bool:
        """A boolean; absent is false."""
        return (self.text(name) or "").lower() in TRUE_WORDS

    def structure(self, name: str) -> Any:
        """A nested object or list, which form calls carry as a JSON text."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """A file: the field itself, or the part that an `attach://` address points to."""
        value = self._values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self._uploads.get(value.removeprefix("attach://"))
        return self._uploads.get(name)


async def read_parameters(request: Request) -> Parameters:
    """Collects the parameters of a request; those in the body win over those in the address."""
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        values.update(await _json_object(request))
        return Parameters(values)
    uploads: dict[str, Upload] = {}
    if kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        await _read_form(request, values, uploads)
    return Parameters(values, uploads)


async def _json_object(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(content, dict):
        raise bad_request("object expected as JSON request")
    return content


async def _read_form(request: Request, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
    async with request.form(max_files=20, max_fields=200) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                uploads[name] = await _read_upload(value)
            else:
                values[name] = value


async def _read_upload(part: UploadFile) -> Upload:
    mime_type = part.content_type or "application/octet-stream"
    return Upload(part.filename or "file", mime_type, await part.read())

"""QR pictures, rendered off the event loop: each costs several milliseconds."""

from __future__ import annotations

import asyncio
from io import BytesIO

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage


async def qr_png(content: str) -> bytes:
    """A PNG picture of the content, large enough to be read from a screen."""
    return await asyncio.to_thread(_render, content)


def _render(content: str) -> bytes:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=8, border=4, image_factory=PilImage)
    code.add_data(content)
    code.make(fit=True)
    picture = BytesIO()
    code.make_image().save(picture, "PNG")
    return picture.getvalue()

"""Zstandard from pyarrow, readable by `zstd -d`, with a checksum that zstd skips."""

from __future__ import annotations

import hashlib
import pickle
from typing import Final, Generic, TypeVar, cast

import pyarrow as pa

CODEC: Final = "zstd"
LEVEL: Final = 3
FRAME: Final = b"\x28\xb5\x2f\xfd"
"""How a zstd frame begins."""
SEAL: Final = b"\x50\x2a\x4d\x18" + hashlib.sha256().digest_size.to_bytes(4, "little")
"""How a zstd frame begins that every reader skips, and that has room for a SHA-256."""

Item = TypeVar("Item")


class Packed(Generic[Item]):
    """An object kept compressed until it is used."""

    def __init__(self, item: Item) -> None:
        content = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        self._frame, self._size = compress(content), len(content)

    def unpacked(self) -> Item:
        """Return the object."""
        content = pa.Codec(CODEC).decompress(self._frame, decompressed_size=self._size)
        return cast(Item, pickle.loads(content))


def compress(content: bytes) -> bytes:
    """Compress the content into one frame that has its original size."""
    compressed: bytes = pa.Codec(CODEC, compression_level=LEVEL).compress(content, asbytes=True)
    return compressed


def decompress(frame: bytes) -> bytes:
    """Return the content of a frame; raises OSError if it is incomplete or not a frame."""
    with pa.input_stream(pa.py_buffer(frame), compression=CODEC) as stream:
        content: bytes = stream.read()
    return content


def seal(frame: bytes) -> bytes:
    """Prefix a frame with its digest, in a frame of its own that zstd skips."""
    return SEAL + hashlib.sha256(frame).digest() + frame


def unseal(content: bytes) -> bytes:
    """Return the frame behind a digest, or the frame itself if there is no digest.

    Raises ValueError if it is not the frame that was sealed, or not a frame.
    """
    frame = content
    if content.startswith(SEAL):
        frame = content[len(SEAL) + hashlib.sha256().digest_size :]
        if seal(frame) != content:
            raise ValueError("its checksum is wrong")
    if not frame.startswith(FRAME):
        raise ValueError("it is empty or not compressed with zstd")
    return frame

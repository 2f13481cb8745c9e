"""Zstandard, as pyarrow brings it: what `zstd -d` reads."""

from __future__ import annotations

import pickle
from typing import Final, Generic, TypeVar, cast

import pyarrow as pa

CODEC: Final = "zstd"
LEVEL: Final = 3

Item = TypeVar("Item")


class Packed(Generic[Item]):
    """Something that will be wanted later, kept small until then."""

    def __init__(self, item: Item) -> None:
        content = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
        self._frame, self._size = compress(content), len(content)

    def unpacked(self) -> Item:
        """Make it anew."""
        content = pa.Codec(CODEC).decompress(self._frame, decompressed_size=self._size)
        return cast(Item, pickle.loads(content))


def compress(content: bytes) -> bytes:
    """Return the content as one frame that says how large it was."""
    compressed: bytes = pa.Codec(CODEC, compression_level=LEVEL).compress(content, asbytes=True)
    return compressed


def decompress(frame: bytes) -> bytes:
    """Return the content of a frame; raises OSError if it is cut off or none."""
    with pa.input_stream(pa.py_buffer(frame), compression=CODEC) as stream:
        content: bytes = stream.read()
    return content

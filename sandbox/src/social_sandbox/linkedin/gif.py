"""How many frames a GIF has."""

_HEADER, _TRAILER, _EXTENSION, _IMAGE = 13, 0x3B, 0x21, 0x2C
_HAS_TABLE, _TABLE_SIZE = 0x80, 0x07


def count_frames(content: bytes) -> int:
    """The frames of a GIF, up to where it breaks off."""
    frames = 0
    position = _HEADER + _table(content, 10)
    while position < len(content) and content[position] != _TRAILER:
        kind = content[position]
        if kind == _EXTENSION:
            position = _after_blocks(content, position + 2)
        elif kind == _IMAGE:
            frames += 1
            position = _after_blocks(content, position + 11 + _table(content, position + 9))
        else:
            break
    return frames


def _table(content: bytes, flags_at: int) -> int:
    """The bytes of the colour table that these flags announce."""
    flags = content[flags_at] if flags_at < len(content) else 0
    return 3 << ((flags & _TABLE_SIZE) + 1) if flags & _HAS_TABLE else 0


def _after_blocks(content: bytes, position: int) -> int:
    while position < len(content) and content[position]:
        position += content[position] + 1
    return position + 1

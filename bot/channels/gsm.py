"""The alphabet of texts. A text written in it holds 160 letters, one with any other sign 70, and each further piece costs the same again."""

from __future__ import annotations

from bot.channels.splitting import utf16

BASIC = frozenset("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
"""The default alphabet of 3GPP TS 23.038, 6.2.1."""
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Its extension table, 6.2.1.1: each counts as two."""
PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‘’‚′`´", "'"),
        **dict.fromkeys("‐‑‒–—−•", "-"),
        **dict.fromkeys("\u00a0\u2009\u200a\u202f\t", " "),
        **dict.fromkeys("\u200b\u2060\ufeff", ""),
        "…": "...",
    }
)


def plain(text: str) -> str:
    """Typographic signs replaced by plain ones, if the text is then in the alphabet of texts; else it costs the same with them, and is left as it was."""
    simple = text.translate(PLAIN)
    return simple if _written_in_it(simple) else text


def length(text: str) -> int:
    """Letters as carriers count them."""
    return len(text) + sum(letter in EXTENDED for letter in text) if _written_in_it(text) else utf16(text)


def _written_in_it(text: str) -> bool:
    return set(text) <= BASIC | EXTENDED

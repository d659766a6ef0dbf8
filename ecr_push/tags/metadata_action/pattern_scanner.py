"""Reads a JavaScript expression character by character, and the escapes that stand for one character."""

from __future__ import annotations

import re

from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action.mistakes import shortened

_OCTAL = lazy_regex(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_HEX2 = lazy_regex(r"x([0-9A-Fa-f]{2})")
_HEX4 = lazy_regex(r"u([0-9A-Fa-f]{4})(?:\\u([0-9A-Fa-f]{4}))?")
_CODE_POINT = lazy_regex(r"u\{([0-9A-Fa-f]+)\}")
_CONTROL = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_SYNTAX = "^$\\.*+?()[]{}|/"


class PatternError(ValueError):
    """An expression that JavaScript refuses or Python cannot match. The message is for the user."""


class Scanner:
    """A position in an expression. unicode: the flag `u` or `v` is on, so syntax is checked strictly."""

    def __init__(self, text: str, *, unicode: bool) -> None:
        self.text = text
        self.unicode = unicode
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def peek(self, ahead: int = 0) -> str:
        return self.text[self.at + ahead : self.at + ahead + 1]

    def rest(self, back: int = 0) -> str:
        return shortened(self.text[max(self.at + back, 0) :], 12)

    def next(self) -> str:
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def skip(self, count: int) -> None:
        self.at += count

    def startswith(self, *texts: str) -> bool:
        return self.text.startswith(texts, self.at)

    def take(self, text: str) -> bool:
        """Moves past text if it is next; returns whether it was."""
        if not self.startswith(text):
            return False
        self.at += len(text)
        return True

    def take_match(self, regex: re.Pattern[str]) -> re.Match[str] | None:
        match = regex.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def character_escape(self, *, in_class: bool = False) -> str:
        """Reads an escape and returns its character. Raises PatternError."""
        self.skip(1)
        letter = self.peek()
        if not letter:
            raise PatternError("it ends in a single \\")
        if letter in _CONTROL:
            self.skip(1)
            return _CONTROL[letter]
        if letter == "c":
            return self._control(in_class)
        if letter in "01234567":
            return self._octal()
        if found := self.take_match(_HEX2):
            return chr(int(found[1], 16))
        if letter == "u" and (character := self._code_unit()):
            return character
        self.skip(1)
        if self.unicode and letter not in _SYNTAX and not (in_class and letter == "-"):
            if letter in "pP":
                raise PatternError(f"\\{letter}{{…}} is not supported; list the characters")
            raise PatternError(f"\\{letter} is not an escape with the flags u and v")
        return letter

    def _control(self, in_class: bool) -> str:
        letter = self.peek(1)
        if letter.isascii() and (
            letter.isalpha() or (in_class and not self.unicode and (letter.isdigit() or letter == "_"))
        ):
            self.skip(2)
            return chr(ord(letter) % 32)
        if self.unicode:
            raise PatternError("\\c must be followed by a letter")
        return "\\"  # and the `c` is read as itself

    def _octal(self) -> str:
        found = self.take_match(_OCTAL)
        digits = found[0] if found else ""
        if self.unicode and (digits != "0" or self.peek().isdigit()):
            raise PatternError(f"\\{digits} is not an escape with the flags u and v")
        return chr(int(digits, 8))

    def _code_unit(self) -> str:
        if self.unicode and (found := self.take_match(_CODE_POINT)):
            code = int(found[1], 16)
            if code > 0x10FFFF:
                raise PatternError(f"\\u{{{found[1]}}} is not a character")
            return chr(code)
        start = self.at
        found = self.take_match(_HEX4)
        if not found:
            if self.unicode:
                raise PatternError("\\u must be followed by four hexadecimal digits, or by {…}")
            return ""
        first, second = int(found[1], 16), int(found[2] or "0", 16)
        if 0xD800 <= first < 0xDC00 <= second < 0xE000:
            return chr(0x10000 + (first - 0xD800) * 0x400 + second - 0xDC00)
        self.at = start + 5
        return chr(first)

"""Dates in the formats of moment.js, in English, for `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}`. Pure.

https://momentjs.com/docs/#/displaying/format/ . Letters that are not tokens stay as they are; `[…]` and a
leading `\\` escape text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo

from ecr_push.base.regex import lazy_regex
from ecr_push.base.suggest import did_you_mean

# The default formats of moment.
DEFAULT_FORMAT = "YYYY-MM-DDTHH:mm:ssZ"
_DEFAULT_FORMAT_UTC = "YYYY-MM-DDTHH:mm:ss[Z]"

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_LONG = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "L": "MM/DD/YYYY",
    "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "l": "M/D/YYYY",
    "ll": "MMM D, YYYY",
    "lll": "MMM D, YYYY h:mm A",
    "llll": "ddd, MMM D, YYYY h:mm A",
}


def time_zone(name: str) -> tzinfo:
    """Returns the time zone of a name, in any case and with `_` for `/`, as moment-timezone does; "" is UTC.

    Raises ValueError for an unknown name, with a suggestion.
    """
    if _plain(name) in ("", "utc", "etc_utc"):
        return timezone.utc
    import zoneinfo  # costs 5 ms, which few rules need

    if _is_plausible(name):
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            pass
    known = {_plain(one): one for one in zoneinfo.available_timezones()}
    if _plain(name) in known:
        return zoneinfo.ZoneInfo(known[_plain(name)])
    hint = did_you_mean(name, known.values())
    raise ValueError(f"there is no time zone {name!r}; expected a name like Europe/Berlin or UTC{hint}")


def _plain(name: str) -> str:
    return name.lower().replace("/", "_")


def _is_plausible(name: str) -> bool:
    """Whether a name can be looked up directly: the folder also has other files (`posix/…`, `localtime`)."""
    return name[0].isupper() and name != "Factory"


def format_moment(moment: datetime, pattern: str) -> str:
    """Formats an aware datetime in a moment.js format; as ISO 8601 if pattern is empty."""
    if not pattern:
        pattern = DEFAULT_FORMAT if moment.utcoffset() else _DEFAULT_FORMAT_UTC
    return "".join(_written(token[0], moment) for token in _TOKEN.finditer(_expanded(pattern)))


def _expanded(pattern: str) -> str:
    """Replaces the long forms (`LLL`) in pattern, except within brackets and after backslashes."""
    return _LONG_TOKEN.sub(lambda found: _LONG.get(found[0], found[0]), pattern)


def _written(token: str, moment: datetime) -> str:
    if write := _WRITERS.get(token):
        return write(moment)
    if token.startswith("[") and len(token) > 1:
        return token[1:-1]
    return token.replace("\\", "")


def _ordinal(number: int) -> str:
    if number % 100 // 10 == 1:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _weekday(moment: datetime) -> int:
    return moment.isoweekday() % 7


def _day_of_year(moment: datetime) -> int:
    return moment.timetuple().tm_yday


def _quarter(moment: datetime) -> int:
    return (moment.month + 2) // 3


def _week(moment: datetime) -> tuple[int, int]:
    """Returns year and week of the US calendar: weeks start on Sunday, week 1 contains January 1st."""
    saturday = moment.toordinal() + 6 - _weekday(moment)
    year = moment.year + (saturday - datetime(moment.year, 12, 31).toordinal() > 0)
    return year, (saturday - datetime(year, 1, 1).toordinal()) // 7 + 1


def _hour12(moment: datetime) -> int:
    return moment.hour % 12 or 12


def _offset(moment: datetime, separator: str) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else '+'}{minutes // 60:02}{separator}{minutes % 60:02}"


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _fraction(digits: int) -> Callable[[datetime], str]:
    """Writes fractions of a second: JavaScript's dates have milliseconds, and zeros follow."""
    return lambda moment: f"{moment.microsecond // 1000:03}".ljust(digits, "0")[:digits]


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "Y": lambda m: f"{m.year:04}",
    "YY": lambda m: f"{m.year % 100:02}",
    "YYYY": lambda m: f"{m.year:04}",
    "YYYYY": lambda m: f"{m.year:05}",
    "YYYYYY": lambda m: f"{m.year:+07}",
    "y": lambda m: f"{m.year}",
    "yy": lambda m: f"{m.year:02}",
    "yyy": lambda m: f"{m.year:03}",
    "yyyy": lambda m: f"{m.year:04}",
    "yo": lambda m: _ordinal(m.year),
    "N": lambda m: "AD",
    "NN": lambda m: "AD",
    "NNN": lambda m: "AD",
    "NNNN": lambda m: "Anno Domini",
    "NNNNN": lambda m: "AD",
    "Q": lambda m: f"{_quarter(m)}",
    "Qo": lambda m: _ordinal(_quarter(m)),
    "M": lambda m: f"{m.month}",
    "Mo": lambda m: _ordinal(m.month),
    "MM": lambda m: f"{m.month:02}",
    "MMM": lambda m: _MONTHS[m.month - 1][:3],
    "MMMM": lambda m: _MONTHS[m.month - 1],
    "D": lambda m: f"{m.day}",
    "Do": lambda m: _ordinal(m.day),
    "DD": lambda m: f"{m.day:02}",
    "DDD": lambda m: f"{_day_of_year(m)}",
    "DDDo": lambda m: _ordinal(_day_of_year(m)),
    "DDDD": lambda m: f"{_day_of_year(m):03}",
    "d": lambda m: f"{_weekday(m)}",
    "do": lambda m: _ordinal(_weekday(m)),
    "dd": lambda m: _DAYS[_weekday(m)][:2],
    "ddd": lambda m: _DAYS[_weekday(m)][:3],
    "dddd": lambda m: _DAYS[_weekday(m)],
    "e": lambda m: f"{_weekday(m)}",
    "E": lambda m: f"{m.isoweekday()}",
    "w": lambda m: f"{_week(m)[1]}",
    "wo": lambda m: _ordinal(_week(m)[1]),
    "ww": lambda m: f"{_week(m)[1]:02}",
    "W": lambda m: f"{m.isocalendar()[1]}",
    "Wo": lambda m: _ordinal(m.isocalendar()[1]),
    "WW": lambda m: f"{m.isocalendar()[1]:02}",
    "gg": lambda m: f"{_week(m)[0] % 100:02}",
    "gggg": lambda m: f"{_week(m)[0]:04}",
    "ggggg": lambda m: f"{_week(m)[0]:05}",
    "GG": lambda m: f"{m.isocalendar()[0] % 100:02}",
    "GGGG": lambda m: f"{m.isocalendar()[0]:04}",
    "GGGGG": lambda m: f"{m.isocalendar()[0]:05}",
    "A": lambda m: "AM" if m.hour < 12 else "PM",
    "a": lambda m: "am" if m.hour < 12 else "pm",
    "H": lambda m: f"{m.hour}",
    "HH": lambda m: f"{m.hour:02}",
    "h": lambda m: f"{_hour12(m)}",
    "hh": lambda m: f"{_hour12(m):02}",
    "k": lambda m: f"{m.hour or 24}",
    "kk": lambda m: f"{m.hour or 24:02}",
    "Hmm": lambda m: f"{m.hour}{m.minute:02}",
    "Hmmss": lambda m: f"{m.hour}{m.minute:02}{m.second:02}",
    "hmm": lambda m: f"{_hour12(m)}{m.minute:02}",
    "hmmss": lambda m: f"{_hour12(m)}{m.minute:02}{m.second:02}",
    "m": lambda m: f"{m.minute}",
    "mm": lambda m: f"{m.minute:02}",
    "s": lambda m: f"{m.second}",
    "ss": lambda m: f"{m.second:02}",
    **{"S" * digits: _fraction(digits) for digits in range(1, 10)},
    "z": lambda m: m.tzname() or "",
    "zz": lambda m: m.tzname() or "",
    "Z": lambda m: _offset(m, ":"),
    "ZZ": lambda m: _offset(m, ""),
    "X": lambda m: f"{_milliseconds(m) // 1000}",
    "x": lambda m: f"{_milliseconds(m)}",
}

# `w|` and `W|` are tokens because of a mistake in moment's own table, and stay as they are; `[…]` ends at
# the last bracket before another one opens; other characters stay, except line ends, which are dropped.
_LONGEST_FIRST = sorted([*_WRITERS, "w|", "W|"], key=len, reverse=True)
_ANY = r"[^\n\r\u2028\u2029]"
_TOKEN = lazy_regex(rf"\[[^\[]*\]|\\?(?:{'|'.join(map(re.escape, _LONGEST_FIRST))}|{_ANY})")
_LONG_TOKEN = lazy_regex(rf"\[[^\[]*\]|\\?(?:{'|'.join(sorted(_LONG, key=len, reverse=True))})")

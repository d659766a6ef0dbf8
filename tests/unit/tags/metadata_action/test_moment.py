"""Dates in moment.js formats, beside what moment 2.30 and moment-timezone 0.6 write."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.tags.metadata_action.moment import format_moment, time_zone

# the moment in UTC, format, zone, text
TABLE = [
    ("2020-01-10T00:30:05.067Z", "A | a | D | d", "UTC", "AM | am | 10 | 5"),
    ("2020-01-10T00:30:05.067Z", "DD | dd | DDD | ddd", "UTC", "10 | Fr | 10 | Fri"),
    ("2020-01-10T00:30:05.067Z", "DDDD | dddd | DDDo | Do", "UTC", "010 | Friday | 10th | 10th"),
    ("2020-01-10T00:30:05.067Z", "do | E | e | GG", "UTC", "5th | 5 | 5 | 20"),
    ("2020-01-10T00:30:05.067Z", "gg | GGGG | gggg | GGGGG", "UTC", "20 | 2020 | 2020 | 02020"),
    ("2020-01-10T00:30:05.067Z", "ggggg | H | h | HH", "UTC", "02020 | 0 | 12 | 00"),
    ("2020-01-10T00:30:05.067Z", "hh | Hmm | hmm | Hmmss", "UTC", "12 | 030 | 1230 | 03005"),
    ("2020-01-10T00:30:05.067Z", "hmmss | k | kk | L", "UTC", "123005 | 24 | 24 | 01/10/2020"),
    (
        "2020-01-10T00:30:05.067Z",
        "l | LL | ll | LLL",
        "UTC",
        "1/10/2020 | January 10, 2020 | Jan 10, 2020 | January 10, 2020 12:30 AM",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "lll | LLLL | llll | LT",
        "UTC",
        "Jan 10, 2020 12:30 AM | Friday, January 10, 2020 12:30 AM | Fri, Jan 10, 2020 12:30 AM | 12:30 AM",
    ),
    ("2020-01-10T00:30:05.067Z", "LTS | M | m | MM", "UTC", "12:30:05 AM | 1 | 30 | 01"),
    ("2020-01-10T00:30:05.067Z", "mm | MMM | MMMM | Mo", "UTC", "30 | Jan | January | 1st"),
    ("2020-01-10T00:30:05.067Z", "N | NN | NNN | NNNN", "UTC", "AD | AD | AD | Anno Domini"),
    ("2020-01-10T00:30:05.067Z", "NNNNN | Q | Qo | S", "UTC", "AD | 1 | 1st | 0"),
    ("2020-01-10T00:30:05.067Z", "s | SS | ss | SSS", "UTC", "5 | 06 | 05 | 067"),
    ("2020-01-10T00:30:05.067Z", "SSSS | SSSSS | SSSSSS | SSSSSSS", "UTC", "0670 | 06700 | 067000 | 0670000"),
    ("2020-01-10T00:30:05.067Z", "SSSSSSSS | SSSSSSSSS | W | w", "UTC", "06700000 | 067000000 | 2 | 2"),
    ("2020-01-10T00:30:05.067Z", "Wo | wo | WW | ww", "UTC", "2nd | 2nd | 02 | 02"),
    ("2020-01-10T00:30:05.067Z", "X | x | Y | y", "UTC", "1578616205 | 1578616205067 | 2020 | 2020"),
    ("2020-01-10T00:30:05.067Z", "yo | YY | yy | yyy", "UTC", "2020th | 20 | 2020 | 2020"),
    ("2020-01-10T00:30:05.067Z", "YYYY | yyyy | YYYYY | YYYYYY", "UTC", "2020 | 2020 | 02020 | +002020"),
    ("2020-01-10T00:30:05.067Z", "Z | z | ZZ | zz", "UTC", "+00:00 | UTC | +0000 | UTC"),
    ("2024-12-31T23:59:59.999Z", "A | a | D | d", "America/New_York", "PM | pm | 31 | 2"),
    ("2024-12-31T23:59:59.999Z", "DD | dd | DDD | ddd", "America/New_York", "31 | Tu | 366 | Tue"),
    (
        "2024-12-31T23:59:59.999Z",
        "DDDD | dddd | DDDo | Do",
        "America/New_York",
        "366 | Tuesday | 366th | 31st",
    ),
    ("2024-12-31T23:59:59.999Z", "do | E | e | GG", "America/New_York", "2nd | 2 | 2 | 25"),
    ("2024-12-31T23:59:59.999Z", "gg | GGGG | gggg | GGGGG", "America/New_York", "25 | 2025 | 2025 | 02025"),
    ("2024-12-31T23:59:59.999Z", "ggggg | H | h | HH", "America/New_York", "02025 | 18 | 6 | 18"),
    ("2024-12-31T23:59:59.999Z", "hh | Hmm | hmm | Hmmss", "America/New_York", "06 | 1859 | 659 | 185959"),
    ("2024-12-31T23:59:59.999Z", "hmmss | k | kk | L", "America/New_York", "65959 | 18 | 18 | 12/31/2024"),
    (
        "2024-12-31T23:59:59.999Z",
        "l | LL | ll | LLL",
        "America/New_York",
        "12/31/2024 | December 31, 2024 | Dec 31, 2024 | December 31, 2024 6:59 PM",
    ),
    (
        "2024-12-31T23:59:59.999Z",
        "lll | LLLL | llll | LT",
        "America/New_York",
        "Dec 31, 2024 6:59 PM | Tuesday, December 31, 2024 6:59 PM | Tue, Dec 31, 2024 6:59 PM | 6:59 PM",
    ),
    ("2024-12-31T23:59:59.999Z", "LTS | M | m | MM", "America/New_York", "6:59:59 PM | 12 | 59 | 12"),
    ("2024-12-31T23:59:59.999Z", "mm | MMM | MMMM | Mo", "America/New_York", "59 | Dec | December | 12th"),
    ("2024-12-31T23:59:59.999Z", "N | NN | NNN | NNNN", "America/New_York", "AD | AD | AD | Anno Domini"),
    ("2024-12-31T23:59:59.999Z", "NNNNN | Q | Qo | S", "America/New_York", "AD | 4 | 4th | 9"),
    ("2024-12-31T23:59:59.999Z", "s | SS | ss | SSS", "America/New_York", "59 | 99 | 59 | 999"),
    (
        "2024-12-31T23:59:59.999Z",
        "SSSS | SSSSS | SSSSSS | SSSSSSS",
        "America/New_York",
        "9990 | 99900 | 999000 | 9990000",
    ),
    (
        "2024-12-31T23:59:59.999Z",
        "SSSSSSSS | SSSSSSSSS | W | w",
        "America/New_York",
        "99900000 | 999000000 | 1 | 1",
    ),
    ("2024-12-31T23:59:59.999Z", "Wo | wo | WW | ww", "America/New_York", "1st | 1st | 01 | 01"),
    (
        "2024-12-31T23:59:59.999Z",
        "X | x | Y | y",
        "America/New_York",
        "1735689599 | 1735689599999 | 2024 | 2024",
    ),
    ("2024-12-31T23:59:59.999Z", "yo | YY | yy | yyy", "America/New_York", "2024th | 24 | 2024 | 2024"),
    (
        "2024-12-31T23:59:59.999Z",
        "YYYY | yyyy | YYYYY | YYYYYY",
        "America/New_York",
        "2024 | 2024 | 02024 | +002024",
    ),
    ("2024-12-31T23:59:59.999Z", "Z | z | ZZ | zz", "America/New_York", "-05:00 | EST | -0500 | EST"),
    ("2021-08-01T12:05:09.100Z", "A | a | D | d", "Asia/Kolkata", "PM | pm | 1 | 0"),
    ("2021-08-01T12:05:09.100Z", "DD | dd | DDD | ddd", "Asia/Kolkata", "01 | Su | 213 | Sun"),
    ("2021-08-01T12:05:09.100Z", "DDDD | dddd | DDDo | Do", "Asia/Kolkata", "213 | Sunday | 213th | 1st"),
    ("2021-08-01T12:05:09.100Z", "do | E | e | GG", "Asia/Kolkata", "0th | 7 | 0 | 21"),
    ("2021-08-01T12:05:09.100Z", "gg | GGGG | gggg | GGGGG", "Asia/Kolkata", "21 | 2021 | 2021 | 02021"),
    ("2021-08-01T12:05:09.100Z", "ggggg | H | h | HH", "Asia/Kolkata", "02021 | 17 | 5 | 17"),
    ("2021-08-01T12:05:09.100Z", "hh | Hmm | hmm | Hmmss", "Asia/Kolkata", "05 | 1735 | 535 | 173509"),
    ("2021-08-01T12:05:09.100Z", "hmmss | k | kk | L", "Asia/Kolkata", "53509 | 17 | 17 | 08/01/2021"),
    (
        "2021-08-01T12:05:09.100Z",
        "l | LL | ll | LLL",
        "Asia/Kolkata",
        "8/1/2021 | August 1, 2021 | Aug 1, 2021 | August 1, 2021 5:35 PM",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "lll | LLLL | llll | LT",
        "Asia/Kolkata",
        "Aug 1, 2021 5:35 PM | Sunday, August 1, 2021 5:35 PM | Sun, Aug 1, 2021 5:35 PM | 5:35 PM",
    ),
    ("2021-08-01T12:05:09.100Z", "LTS | M | m | MM", "Asia/Kolkata", "5:35:09 PM | 8 | 35 | 08"),
    ("2021-08-01T12:05:09.100Z", "mm | MMM | MMMM | Mo", "Asia/Kolkata", "35 | Aug | August | 8th"),
    ("2021-08-01T12:05:09.100Z", "N | NN | NNN | NNNN", "Asia/Kolkata", "AD | AD | AD | Anno Domini"),
    ("2021-08-01T12:05:09.100Z", "NNNNN | Q | Qo | S", "Asia/Kolkata", "AD | 3 | 3rd | 1"),
    ("2021-08-01T12:05:09.100Z", "s | SS | ss | SSS", "Asia/Kolkata", "9 | 10 | 09 | 100"),
    (
        "2021-08-01T12:05:09.100Z",
        "SSSS | SSSSS | SSSSSS | SSSSSSS",
        "Asia/Kolkata",
        "1000 | 10000 | 100000 | 1000000",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "SSSSSSSS | SSSSSSSSS | W | w",
        "Asia/Kolkata",
        "10000000 | 100000000 | 30 | 32",
    ),
    ("2021-08-01T12:05:09.100Z", "Wo | wo | WW | ww", "Asia/Kolkata", "30th | 32nd | 30 | 32"),
    ("2021-08-01T12:05:09.100Z", "X | x | Y | y", "Asia/Kolkata", "1627819509 | 1627819509100 | 2021 | 2021"),
    ("2021-08-01T12:05:09.100Z", "yo | YY | yy | yyy", "Asia/Kolkata", "2021st | 21 | 2021 | 2021"),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY | yyyy | YYYYY | YYYYYY",
        "Asia/Kolkata",
        "2021 | 2021 | 02021 | +002021",
    ),
    ("2021-08-01T12:05:09.100Z", "Z | z | ZZ | zz", "Asia/Kolkata", "+05:30 | IST | +0530 | IST"),
    ("2020-01-10T00:30:05.067Z", "", "UTC", "2020-01-10T00:30:05Z"),
    ("2020-01-10T00:30:05.067Z", "YYYYMMDD", "UTC", "20200110"),
    ("2020-01-10T00:30:05.067Z", "YYYYMMDD-HHmmss", "UTC", "20200110-003005"),
    (
        "2020-01-10T00:30:05.067Z",
        "dddd, MMMM Do YYYY, h:mm:ss a",
        "UTC",
        "Friday, January 10th 2020, 12:30:05 am",
    ),
    ("2020-01-10T00:30:05.067Z", "YYYY-MM-DDTHH:mm:ss.SSS[Z]", "UTC", "2020-01-10T00:30:05.067Z"),
    ("2020-01-10T00:30:05.067Z", "[week] W", "UTC", "week 2"),
    ("2020-01-10T00:30:05.067Z", "[a] b] c", "UTC", "a] b c"),
    ("2020-01-10T00:30:05.067Z", "[", "UTC", "["),
    ("2020-01-10T00:30:05.067Z", "[]", "UTC", ""),
    ("2020-01-10T00:30:05.067Z", r"\YYYY", "UTC", "YYYY"),
    ("2020-01-10T00:30:05.067Z", r"\[YYYY]", "UTC", "[2020]"),
    ("2020-01-10T00:30:05.067Z", r"\\Y", "UTC", "2020"),
    ("2020-01-10T00:30:05.067Z", "[YYYY", "UTC", "[2020"),
    ("2020-01-10T00:30:05.067Z", "w| W|", "UTC", "w| W|"),
    ("2020-01-10T00:30:05.067Z", "YYYYYYY", "UTC", "+0020202020"),
    ("2020-01-10T00:30:05.067Z", "YYY", "UTC", "202020"),
    ("2020-01-10T00:30:05.067Z", "DDDDD", "UTC", "01010"),
    ("2020-01-10T00:30:05.067Z", "g G", "UTC", "g G"),
    ("2020-01-10T00:30:05.067Z", "yyyyy", "UTC", "20202020"),
    ("2020-01-10T00:30:05.067Z", "SSSSSSSSSS", "UTC", "0670000000"),
    ("2020-01-10T00:30:05.067Z", "LLLLL", "UTC", "Friday, January 10, 2020 12:30 AM01/10/2020"),
    ("2020-01-10T00:30:05.067Z", r"\LL", "UTC", "LL"),
    ("2020-01-10T00:30:05.067Z", "[LL] LL", "UTC", "LL January 10, 2020"),
    ("2020-01-10T00:30:05.067Z", "lllll", "UTC", "Fri, Jan 10, 2020 12:30 AM1/10/2020"),
    ("2020-01-10T00:30:05.067Z", "eHHmm", "UTC", "50030"),
    ("2020-01-10T00:30:05.067Z", "Hmmss hmmss", "UTC", "03005 123005"),
    ("2020-01-10T00:30:05.067Z", "at noon", "UTC", "amt noon"),
    ("2020-01-10T00:30:05.067Z", "é€", "UTC", "é€"),
    ("2020-01-10T00:30:05.067Z", "a\nb", "UTC", "amb"),
    ("2020-01-10T00:30:05.067Z", "NNNNNN", "UTC", "ADAD"),
    ("2020-01-10T00:30:05.067Z", "zzz", "UTC", "UTCUTC"),
    ("2020-01-10T00:30:05.067Z", "ZZZ", "UTC", "+0000+00:00"),
    ("2020-01-10T00:30:05.067Z", "kk:mm", "UTC", "24:30"),
    ("2020-01-10T00:30:05.067Z", "X.x", "UTC", "1578616205.1578616205067"),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Asia/Tokyo",
        "2020-01-10 09:30 JST +09:00 +0900",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "america/new_york",
        "2020-01-09 19:30 EST -05:00 -0500",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "EUROPE_BERLIN",
        "2020-01-10 01:30 CET +01:00 +0100",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Asia/Kathmandu",
        "2020-01-10 06:15 +0545 +05:45 +0545",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "America/St_Johns",
        "2020-01-09 21:00 NST -03:30 -0330",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Australia/Lord_Howe",
        "2020-01-10 11:30 +11 +11:00 +1100",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Pacific/Apia",
        "2020-01-10 14:30 +14 +14:00 +1400",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "America/Sao_Paulo",
        "2020-01-09 21:30 -03 -03:00 -0300",
    ),
    ("2020-01-10T00:30:05.067Z", "YYYY-MM-DD HH:mm z Z ZZ", "Etc/GMT+5", "2020-01-09 19:30 -05 -05:00 -0500"),
    ("2020-01-10T00:30:05.067Z", "YYYY-MM-DD HH:mm z Z ZZ", "GMT", "2020-01-10 00:30 GMT +00:00 +0000"),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Africa/Casablanca",
        "2020-01-10 01:30 +01 +01:00 +0100",
    ),
    (
        "2020-01-10T00:30:05.067Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Europe/London",
        "2020-01-10 00:30 GMT +00:00 +0000",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Asia/Tokyo",
        "2021-08-01 21:05 JST +09:00 +0900",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "america/new_york",
        "2021-08-01 08:05 EDT -04:00 -0400",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "EUROPE_BERLIN",
        "2021-08-01 14:05 CEST +02:00 +0200",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Asia/Kathmandu",
        "2021-08-01 17:50 +0545 +05:45 +0545",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "America/St_Johns",
        "2021-08-01 09:35 NDT -02:30 -0230",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Australia/Lord_Howe",
        "2021-08-01 22:35 +1030 +10:30 +1030",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Pacific/Apia",
        "2021-08-02 01:05 +13 +13:00 +1300",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "America/Sao_Paulo",
        "2021-08-01 09:05 -03 -03:00 -0300",
    ),
    ("2021-08-01T12:05:09.100Z", "YYYY-MM-DD HH:mm z Z ZZ", "Etc/GMT+5", "2021-08-01 07:05 -05 -05:00 -0500"),
    ("2021-08-01T12:05:09.100Z", "YYYY-MM-DD HH:mm z Z ZZ", "GMT", "2021-08-01 12:05 GMT +00:00 +0000"),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Africa/Casablanca",
        "2021-08-01 13:05 +01 +01:00 +0100",
    ),
    (
        "2021-08-01T12:05:09.100Z",
        "YYYY-MM-DD HH:mm z Z ZZ",
        "Europe/London",
        "2021-08-01 13:05 BST +01:00 +0100",
    ),
    ("2015-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2015-w01-4 2015-W01-4 001"),
    ("2015-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2016-w01-4 2015-W53-4 365"),
    ("2016-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2016-w01-5 2015-W53-5 001"),
    ("2016-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2016-w53-6 2016-W52-6 366"),
    ("2017-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2017-w01-0 2016-W52-7 001"),
    ("2017-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2018-w01-0 2017-W52-7 365"),
    ("2018-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2018-w01-1 2018-W01-1 001"),
    ("2018-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2019-w01-1 2019-W01-1 365"),
    ("2019-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2019-w01-2 2019-W01-2 001"),
    ("2019-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2020-w01-2 2020-W01-2 365"),
    ("2020-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2020-w01-3 2020-W01-3 001"),
    ("2020-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2021-w01-4 2020-W53-4 366"),
    ("2021-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2021-w01-5 2020-W53-5 001"),
    ("2021-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2022-w01-5 2021-W52-5 365"),
    ("2022-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2022-w01-6 2021-W52-6 001"),
    ("2022-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2022-w53-6 2022-W52-6 365"),
    ("2023-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2023-w01-0 2022-W52-7 001"),
    ("2023-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2024-w01-0 2023-W52-7 365"),
    ("2024-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2024-w01-1 2024-W01-1 001"),
    ("2024-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2025-w01-2 2025-W01-2 366"),
    ("2025-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2025-w01-3 2025-W01-3 001"),
    ("2025-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2026-w01-3 2026-W01-3 365"),
    ("2026-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2026-w01-4 2026-W01-4 001"),
    ("2026-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2027-w01-4 2026-W53-4 365"),
    ("2027-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2027-w01-5 2026-W53-5 001"),
    ("2027-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2028-w01-5 2027-W52-5 365"),
    ("2028-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2028-w01-6 2027-W52-6 001"),
    ("2028-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2029-w01-0 2028-W52-7 366"),
    ("2029-01-01T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2029-w01-1 2029-W01-1 001"),
    ("2029-12-31T12:00:00Z", "gggg-[w]ww-e GGGG-[W]WW-E DDDD", "UTC", "2030-w01-1 2030-W01-1 365"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize(("moment", "pattern", "zone", "expected"), TABLE)
def test_format(moment: str, pattern: str, zone: str, expected: str) -> None:
    assert format_moment(at(moment).astimezone(time_zone(zone)), pattern) == expected


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    moment = at("2020-01-10T00:30:00Z")
    east = moment.astimezone(timezone(timedelta(hours=9)))
    assert format_moment(east, "YYYY-MM-DD HH:mm Z X") == "2020-01-10 09:30 +09:00 1578616200"


@pytest.mark.parametrize("name", ["", "UTC", "utc", "Etc/UTC"])
def test_utc_needs_no_zone_data(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zoneinfo", None)
    assert time_zone(name) is timezone.utc


MISTAKEN = [
    ("Europe/Berln", "'Europe/Berlin'"),
    ("europe/pari", "'Europe/Paris'"),
    ("Asia", None),
    ("posix/Asia/Tokyo", "'Asia/Tokyo'"),
    ("../../etc/passwd", None),
    ("America/", None),
    ("Nowhere\0", None),
    ("Factory/x", None),
]


@pytest.mark.parametrize(("name", "meant"), MISTAKEN)
def test_an_unknown_zone_is_a_mistake(name: str, meant: str | None) -> None:
    with pytest.raises(ValueError, match="there is no time zone") as caught:
        time_zone(name)
    assert meant is None or f"did you mean {meant}?" in str(caught.value)


@given(st.text(), st.datetimes(timezones=st.just(timezone.utc)))
def test_any_format_gives_a_text(pattern: str, moment: datetime) -> None:
    assert isinstance(format_moment(moment, pattern), str)


@given(st.text())
def test_brackets_protect(text: str) -> None:
    literal = text.replace("[", "").replace("]", "")
    assert format_moment(at("2020-01-10T00:30:00Z"), f"[{literal}]") == literal

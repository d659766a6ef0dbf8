"""The members of an OSV document that the scanner uses, as the schema defines them.

https://ossf.github.io/osv-schema/ (1.x)
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, model_validator


class _Model(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


class AffectedPackage(_Model):
    ecosystem: str
    name: str


class Event(_Model):
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""

    @model_validator(mode="after")
    def _one(self) -> Event:
        if sum(map(bool, (self.introduced, self.fixed, self.last_affected, self.limit))) != 1:
            raise ValueError("an event has exactly one of introduced, fixed, last_affected and limit")
        return self


class Range(_Model):
    type: str
    events: list[Event] = Field(min_length=1)


class SeverityEntry(_Model):
    type: str
    score: str


class AffectedEntry(_Model):
    package: AffectedPackage | None = None
    ranges: list[Range] = []
    versions: list[str] = []
    severity: list[SeverityEntry] = []
    ecosystem_specific: dict[str, Any] = {}


class Reference(_Model):
    url: str


class Document(_Model):
    id: str = Field(min_length=1)
    modified: datetime
    published: datetime | None = None
    withdrawn: datetime | None = None
    aliases: list[str] = []
    upstream: list[str] = []
    summary: str = ""
    details: str = ""
    severity: list[SeverityEntry] = []
    affected: list[AffectedEntry] = []
    references: list[Reference] = []
    database_specific: dict[str, Any] = {}

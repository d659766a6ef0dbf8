"""Sessions of the SDK, which read of its data (models of services, endpoints) no more than they need.

botocore looks into all 400 folders of services for one model, and keeps what it reads in OrderedDicts, which
take twice the time and the memory. Its own files may also lie in an archive, where it would not find them.
The user's models, in AWS_DATA_PATH and ~/.aws/models, come first, as they do in botocore.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import os
from pathlib import Path, PurePath
from typing import Any

import botocore
from botocore import useragent
from botocore.exceptions import DataNotFoundError
from botocore.hooks import EventAliaser, HierarchicalEmitter, NodeList, _PrefixTrie
from botocore.loaders import JSONFileLoader, Loader, instance_cache
from botocore.session import Session
from botocore.utils import EVENT_ALIASES

# {service: API versions}. An archive cannot be listed quickly, so the one that we make has this list in it.
INDEX = "services.json"


class _JsonFiles(JSONFileLoader):  # type: ignore[misc]
    """Reads into plain dicts, which keep their order, too."""

    def load_file(self, file_path: str) -> Any:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return json.loads(Path(f"{file_path}.json").read_bytes())
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return json.loads(gzip.decompress(Path(f"{file_path}.json.gz").read_bytes()))
        return None


class SdkData(Loader):  # type: ignore[misc]
    """botocore's loader, which also finds the data of a botocore that lies in an archive."""

    def __init__(self, searched: list[str]) -> None:
        super().__init__(searched, _JsonFiles())

    def list_available_services(self, type_name: str) -> list[str]:
        """Return all names in the folders of data. Whether one has such a model shows when it is loaded."""
        names = set(self._index())
        for path in self.search_paths:
            with contextlib.suppress(OSError):
                names.update(one.name for one in Path(path).iterdir())
        return sorted(names)

    @instance_cache  # type: ignore[untyped-decorator]
    def list_api_versions(self, service_name: str, type_name: str) -> list[str]:
        packaged = self._index().get(service_name, [])
        try:
            return sorted({*super().list_api_versions(service_name, type_name), *packaged})
        except DataNotFoundError:
            if not packaged:
                raise
            return sorted(packaged)

    @instance_cache  # type: ignore[untyped-decorator]
    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        try:
            found: tuple[Any, str] = super().load_data_with_path(name)
        except DataNotFoundError:
            path = str(PurePath(self.BUILTIN_DATA_PATH, f"{name}.json"))
            return json.loads(_packaged(path)), path.removesuffix(".json")
        return found

    @instance_cache  # type: ignore[untyped-decorator]
    def _index(self) -> dict[str, list[str]]:
        try:
            found: dict[str, list[str]] = json.loads(_packaged(str(PurePath(self.BUILTIN_DATA_PATH, INDEX))))
        except DataNotFoundError:  # a folder
            return {}
        return found


class _Events(EventAliaser):  # type: ignore[misc]
    """botocore's hooks, which look into each event's name for 65 former names of services.

    They catch an exception for each that is not there: a seventh of what a run computes. That none is there
    shows at once.
    """

    def _alias_event_name(self, event_name: str) -> str:
        current = _FORMER.isdisjoint(event_name.split(".")) and not any(map(event_name.__contains__, _DOTTED))
        return event_name if current else str(super()._alias_event_name(event_name))


_DOTTED = [name for name in EVENT_ALIASES if "." in name]
_FORMER = frozenset(EVENT_ALIASES)


class _Handlers(_PrefixTrie):  # type: ignore[misc]
    """botocore's tree of handlers, each client's a copy of the session's, in a third of the time."""

    def _recursive_copy(self, node: Any) -> dict[str, Any]:
        return {key: self._copied(value) for key, value in node.items()}

    def _copied(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self._recursive_copy(value)
        return NodeList(*map(list, value)) if isinstance(value, NodeList) else value


class _Hooks(HierarchicalEmitter):  # type: ignore[misc]
    """botocore's, without a look at the signature of each handler: that is a fiftieth of what a run computes.

    The handlers are its own, and one of ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._handlers = _Handlers()

    def _verify_accept_kwargs(self, func: Any) -> None:
        pass


# Each request has its user agent spelled twice, character by character, of words that stay the same.
_spelled = useragent.sanitize_user_agent_string_component
useragent.sanitize_user_agent_string_component = functools.lru_cache(maxsize=256)(_spelled)


class _Session(Session):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(event_hooks=_Hooks())

    def _register_builtin_handlers(self, events: EventAliaser) -> None:
        self._events = _Events(self._original_handler)
        super()._register_builtin_handlers(self._events)


def new_session(profile: str = "", region: str = "") -> Any:
    """Return a botocore session with this data. What is empty is as the AWS configuration says."""
    core = _Session()
    for name, value in (("profile", profile), ("region", region)):
        if value:
            core.set_config_variable(name, value)
    searched = core.get_config_variable("data_path") or ""
    paths = [str(Path(os.path.expandvars(one)).expanduser()) for one in searched.split(os.pathsep) if one]
    core.register_component("data_loader", SdkData(paths))
    return core


def _packaged(path: str) -> bytes:
    """Return a file of botocore's package, wherever that is. Raises DataNotFoundError."""
    try:
        return botocore.__spec__.loader.get_data(path)  # type: ignore[no-any-return]
    except OSError:
        raise DataNotFoundError(data_path=path) from None

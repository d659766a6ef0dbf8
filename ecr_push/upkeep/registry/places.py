"""The destinations that a user names."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.errors import SettingsError
from ecr_push.base.place import Place
from ecr_push.registry.registry_settings import ReplicationRule


def chosen_places(names: Sequence[str], rules: Sequence[ReplicationRule], here: Place) -> tuple[Place, ...]:
    """Those that are named, REGION or REGION/ACCOUNT; all of the replication where none is.

    Raises SettingsError for one that is not in the replication.
    """
    known = sorted({place for rule in rules for place in rule.places}, key=str)
    if not known:
        raise SettingsError(
            [f"{here}: replication has no destination"],
            remedy="name one in ecr-registry.yml, and run `ecr-push registry apply` first",
        )
    asked = [Place(*name.split("/", 1)) if "/" in name else Place(name, here.account) for name in names]
    wrong = [one for one in asked if one not in known]
    if wrong:
        expected = ", ".join(map(str, known))
        raise SettingsError([f"{one} is not a destination of the replication: {expected}" for one in wrong])
    return tuple(dict.fromkeys(asked)) or tuple(known)

"""Who may do what: one table from a permission to the roles that have it. Pages name permissions, never roles."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["reader", "front_desk", "author", "approver", "administrator"]
Permission = Literal[
    "own",
    "look",
    "desk",
    "export",
    "write",
    "approve",
    "run",
    "settings",
    "go_live",
    "keys",
    "staff",
    "erase",
]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_DESK: tuple[Role, ...] = ("front_desk", "author", "approver", "administrator")

# An approver does not write: what they approve is always somebody else's.
WHO: dict[Permission, tuple[Role, ...]] = {
    "own": ROLES,
    "look": ROLES,
    "desk": _DESK,
    "export": _DESK,
    "write": ("author", "administrator"),
    "approve": ("approver", "administrator"),
    "run": ("author", "approver", "administrator"),
    "settings": _DESK,
    "go_live": ("administrator",),
    "keys": ("administrator",),
    "staff": ("administrator",),
    "erase": ("administrator",),
}

PERMISSION_WORDS: dict[Permission, str] = {
    "own": "change their own account, sign out",
    "look": "see every page, find people",
    "desk": "answer requests, book and change visits, note what people say, let held messages go",
    "export": "download copies of data",
    "write": "write campaigns and choose whom they are for",
    "approve": "approve campaigns",
    "run": "start, pause and cancel campaigns",
    "settings": "switch reminders on and off",
    "go_live": "end trial mode",
    "keys": "make and end API keys",
    "staff": "invite colleagues, change roles, end access",
    "erase": "erase a person",
}

ROLE_WORDS: dict[Role, str] = {
    "reader": "a reader",
    "front_desk": "the front desk",
    "author": "an author",
    "approver": "an approver",
    "administrator": "an administrator",
}


def may(role: str, permission: Permission) -> bool:
    """Whether whoever has the role may do it; nobody of an unknown role may do anything."""
    return role in WHO[permission]


def who_may(permission: Permission) -> str:
    """Who may do it, in words: "an author, an approver or an administrator"."""
    *first, last = (ROLE_WORDS[role] for role in WHO[permission])
    return f"{', '.join(first)} or {last}" if first else last

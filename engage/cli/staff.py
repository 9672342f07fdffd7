"""``engage staff``: who may sign in."""

from __future__ import annotations

import click

from engage.cli.context import fail, print_json, runtime, told
from engage.domain.forms import InvalidInput
from engage.domain.roles import PERMISSION_WORDS, PERMISSIONS, ROLES, Role, may
from engage.services import staff as service
from engage.services import staff_development
from engage.services.audit import CLI
from engage.services.staff import LINK_DAYS, AlreadyActive, Invitation, LastAdministrator, NoSuchMember

NOBODY = "Nobody of the staff has that address; `engage staff list` shows who there is."
LAST = (
    "That is the last administrator who can sign in: nobody could let in colleagues, change roles or erase a person. "
    "Make somebody else one first: `engage staff role EMAIL administrator`."
)


@click.group()
def staff() -> None:
    """Members of staff: who may sign in at /staff."""


@staff.command()
@click.argument("email")
@click.option("--name", required=True, help="What colleagues call them.")
@click.option("--role", type=click.Choice(ROLES), default="administrator", show_default=True)
@told
def invite(email: str, name: str, role: Role) -> None:
    """Print a link by which a new member sets up an account: once, within three days.

    Example: engage staff invite sam@example.org --name "Sam Rivera"
    """
    try:
        _print(service.invite(runtime(), CLI, email, name, role))
    except InvalidInput as error:
        problems = "; ".join(f"{field}: {sentence}" for field, sentence in error.errors.items())
        raise click.UsageError(problems) from None
    except AlreadyActive:
        fail("That member can sign in already; `engage staff reset` gives a new start.")


@staff.command()
@click.argument("email")
@told
def reset(email: str) -> None:
    """End a member's sessions and print a link to set up password and codes anew.

    Example: engage staff reset sam@example.org
    """
    try:
        _print(service.reset(runtime(), CLI, email))
    except NoSuchMember:
        fail(NOBODY)


@staff.command()
@click.argument("email")
@told
def disable(email: str) -> None:
    """End a member's sessions and every way in. `engage staff invite` opens one again.

    Example: engage staff disable sam@example.org
    """
    try:
        service.disable(runtime(), CLI, email)
    except NoSuchMember:
        fail(NOBODY)
    except LastAdministrator:
        fail(LAST)
    click.echo("disabled")


@staff.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@told
def role(email: str, role: Role) -> None:
    """Give a member another role. Ends their sessions: they sign in anew.

    Example: engage staff role sam@example.org approver
    """
    try:
        changed = service.change_role(runtime(), CLI, email, role)
    except NoSuchMember:
        fail(NOBODY)
    except LastAdministrator:
        fail(LAST)
    click.echo(f"{role} from now on" if changed else f"{role} already: nothing was changed")


@staff.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON: for each permission, the roles that have it.")
def roles(as_json: bool) -> None:
    """Show what each role may do.

    Example: engage staff roles
    """
    if as_json:
        print_json({one: [role for role in ROLES if may(role, one)] for one in PERMISSIONS})
        return
    wide = max(map(len, PERMISSION_WORDS.values()))
    click.echo(f"{'':<{wide}}  {'  '.join(ROLES)}")
    for one in PERMISSIONS:
        marks = (f"{'yes' if may(role, one) else '-':<{len(role)}}" for role in ROLES)
        click.echo(f"{PERMISSION_WORDS[one]:<{wide}}  {'  '.join(marks)}".rstrip())


@staff.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(as_json: bool) -> None:
    """List the members of staff, oldest first.

    Example: engage staff list
    """
    members = service.listing(runtime())
    if as_json:
        print_json(members)
        return
    for one in members:
        seen = f"{one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at is not None else "never signed in"
        click.echo(f"{one.id}  {one.state:<8}  {one.role:<13}  {seen:<16}  {one.name} <{one.email}>")
    if not members:
        click.echo("nobody yet: engage staff invite EMAIL --name NAME", err=True)


@staff.command()
@told
def code() -> None:
    """Print the sign-in of development's ready account, with the code of this half minute.

    Example: engage staff code
    """
    rt = runtime()
    try:
        ready = staff_development.ready_account(rt)
    except staff_development.OnlyInDevelopment:
        fail("Only in development is there a ready account; here `engage staff invite` makes one.")
    except OSError as error:
        fail(f"{rt.settings.data_dir / staff_development.FILE} can't be read or written: {error.strerror}")
    click.echo(f"address   {rt.settings.public_url}/staff")
    click.echo(f"email     {ready.email}")
    click.echo(f"password  {ready.password}")
    click.echo(f"code      {ready.code}")


def _print(invitation: Invitation) -> None:
    click.echo(invitation.url)
    click.echo(f"works once, for {LINK_DAYS} days; give it to nobody else", err=True)
